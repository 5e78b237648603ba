import { hydrateRoot } from 'react-dom/client';
import { App } from './app.tsx';

const root = document.getElementById('root')!;
hydrateRoot(root, <App berths={JSON.parse(document.getElementById('berths')!.textContent!)} />);
