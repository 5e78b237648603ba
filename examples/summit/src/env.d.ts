interface ImportMeta {
  readonly env: {
    readonly BASE_URL: string;
    readonly MODE: string;
    readonly DEV: boolean;
    readonly PROD: boolean;
    readonly VITE_TITLE: string;
  };
  glob<T>(pattern: string, options: { eager: true; import?: string; query?: string }): Record<string, T>;
}

declare module "*.module.css" {
  const names: Record<string, string>;
  export default names;
}
declare module "*.module.scss" {
  const names: Record<string, string>;
  export default names;
}
declare module "*.css";
declare module "*.svg" {
  const url: string;
  export default url;
}
declare module "*.png" {
  const url: string;
  export default url;
}
