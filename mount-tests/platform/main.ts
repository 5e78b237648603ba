/** Runs every case; a test in Rust runs this in the runtime. */
import { run } from './check.ts';
import './clone.ts';
import './compression.ts';
import './crypto.ts';
import './events.ts';
import './fetch.ts';
import './intl.ts';
import './node.ts';
import './rest.ts';
import './streams.ts';
import './text.ts';

await run();
