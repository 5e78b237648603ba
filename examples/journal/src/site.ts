export const site = {
  title: 'Low Water',
  description: 'Notes from a winter on an island at the edge of the tide.',
  author: 'Ada Brennan',
  url: 'https://low-water.example',
};
