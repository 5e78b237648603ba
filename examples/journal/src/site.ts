export const site = {
  title: 'A journal',
  url: 'https://journal.example',
};
