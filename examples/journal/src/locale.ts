export const locale = (): string => navigator.language;
