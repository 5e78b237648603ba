import { locale } from './locale';

for (const element of document.querySelectorAll('time')) {
  const date = new Date(element.dateTime);
  element.textContent = date.toLocaleDateString(locale(), { dateStyle: 'long', timeZone: 'UTC' });
}
