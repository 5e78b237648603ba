/** The event loop's tasks: one queue of tasks that are due at once, one of timers, over the one wish that the host keeps. */
import { capture, type Frame, resume } from './async-context.ts';
import { host } from './host.ts';
import { report } from './report.ts';

interface Timer {
  due: number;
  /** Breaks ties in the order of creation. */
  order: number;
  run: () => void;
  frame: Frame;
  /** Whether the program goes on for it. */
  isCounted: boolean;
}

interface Task {
  run: (() => void) | undefined;
  frame: Frame;
}

const ready: Task[] = [];
let head = 0;
/** A binary heap by due time, then order. */
const timers: Timer[] = [];
let orders = 0;
/** How many of the timers are counted. */
let counted = 0;
let timersTurn = false;

const before = (a: Timer, b: Timer) => a.due < b.due || (a.due === b.due && a.order < b.order);

/** Queues a task, of a frame; the function that is given back withdraws it. */
export function queueTask(run: () => void, frame: Frame = capture()): () => void {
  const task: Task = { run, frame };
  ready.push(task);
  arm();
  return () => {
    task.run = undefined;
  };
}

/**
 * Queues a task for a time from now, in milliseconds; the function that is given back withdraws it. The program goes on for
 * it unless it is not counted.
 */
export function queueTimer(delay: number, run: () => void, isCounted = true): () => void {
  const timer = { due: host.now() + delay, order: orders++, run, frame: capture(), isCounted };
  insert(timer);
  arm();
  return () => remove(timer);
}

function insert(timer: Timer): void {
  if (timer.isCounted) counted++;
  let at = timers.push(timer) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(timer, timers[parent]!)) break;
    timers[at] = timers[parent]!;
    at = parent;
  }
  timers[at] = timer;
}

function remove(timer: Timer): void {
  const at = timers.indexOf(timer);
  if (at < 0) return;
  if (timer.isCounted) counted--;
  timers.splice(at, 1);
  // Taking one out of the middle breaks the heap's order; a sorted array is a heap.
  timers.sort((a, b) => a.due - b.due || a.order - b.order);
  arm();
}

function takeTimer(): Timer {
  const first = timers[0]!;
  if (first.isCounted) counted--;
  const last = timers.pop()!;
  if (timers.length > 0) {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && before(timers[child + 1]!, timers[child]!)) child++;
      if (!before(timers[child]!, last)) break;
      timers[at] = timers[child]!;
      at = child;
    }
    timers[at] = last;
  }
  return first;
}

/** Leaves the right wish with the host. */
function arm(): void {
  while (head < ready.length && !ready[head]!.run) head++;
  if (head < ready.length) return host.wake(0, turn, true);
  ready.length = head = 0;
  host.wake(timers.length > 0 ? Math.max(0, timers[0]!.due - host.now()) : -1, turn, counted > 0);
}

/** Runs one task. When both queues have one they take turns, so that neither starves. */
function turn(): void {
  const timerDue = timers.length > 0 && timers[0]!.due <= host.now();
  let task: Task | undefined;
  if (timerDue && (timersTurn || head >= ready.length)) {
    task = takeTimer();
    timersTurn = false;
  } else if (head < ready.length) {
    task = ready[head]!;
    head++;
    timersTurn = true;
  }
  arm();
  if (!task?.run) return;
  // No task is run by another: what comes after this one has a frame of its own.
  resume(task.frame);
  try {
    task.run();
  } catch (error) {
    report(error);
  }
}
