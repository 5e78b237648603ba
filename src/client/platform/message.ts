/** MessageEvent, MessageChannel and MessagePort (HTML, "Channel messaging"). Both ends are in one context. */
import { capture } from './async-context.ts';
import { registerPlatformType, type Serialized, serializeWithTransfer, transferOf } from './clone.ts';
import { defineHandlers, dispatch, Event, EventTarget, trusted } from './event.ts';
import { defineInterface, dictionary, domString, illegal, isObject, need, sequence, usvString } from './idl.ts';
import { queueTask } from './tasks.ts';

let isPort: (value: unknown) => value is MessagePort;

export class MessageEvent extends Event {
  #init: { data: unknown; origin: string; lastEventId: string; source: unknown; ports: readonly MessagePort[] };
  constructor(type: string, init: unknown = undefined) {
    super(type, init as EventInit);
    const o = dictionary(init, 'the options');
    const source = o['source'] ?? null;
    if (source !== null && !isPort(source)) throw new TypeError('the member source is not a MessagePort');
    this.#init = {
      data: o['data'] === undefined ? null : o['data'],
      origin: o['origin'] === undefined ? '' : usvString(o['origin']),
      lastEventId: o['lastEventId'] === undefined ? '' : domString(o['lastEventId']),
      source,
      ports: portsOf(o['ports']),
    };
  }
  get data() {
    return this.#init.data;
  }
  get origin() {
    return this.#init.origin;
  }
  get lastEventId() {
    return this.#init.lastEventId;
  }
  get source() {
    return this.#init.source;
  }
  get ports() {
    return this.#init.ports;
  }
  initMessageEvent(
    type: string,
    bubbles = false,
    cancelable = false,
    data: unknown = null,
    origin = '',
    lastEventId = '',
    source: unknown = null,
    ports: unknown = [],
  ): void {
    need(arguments, 1, 'MessageEvent.initMessageEvent');
    this.#init = { data, origin: usvString(origin), lastEventId: domString(lastEventId), source, ports: portsOf(ports) };
    this.initEvent(type, bubbles, cancelable);
  }
}
defineInterface(MessageEvent);

function portsOf(value: unknown): readonly MessagePort[] {
  if (value === undefined) return Object.freeze([]);
  return Object.freeze(
    sequence(value, 'the ports', (port) => {
      if (!isPort(port)) throw new TypeError('a port is not a MessagePort');
      return port;
    }),
  );
}

/** One end of a channel; it outlives the port object when that is transferred. */
class End {
  other: End | undefined;
  port: MessagePort | undefined;
  queue: Serialized[] = [];
  enabled = false;
  closed = false;
  /** Its events are of where it was made, as in Node: whoever posts is another matter. */
  readonly frame = capture();

  /** Delivers one message as a task, if there is one, and somebody to have it. */
  deliver(): void {
    queueTask(() => {
      const { port } = this;
      if (!this.enabled || !port || this.closed) return;
      const message = this.queue.shift();
      if (!message) return;
      let event;
      try {
        const ports = message.transferred.map((make) => make()).filter(isPort);
        event = new MessageEvent('message', { data: message.value(), ports });
      } catch {
        event = new MessageEvent('messageerror');
      }
      dispatch(port, trusted(event));
    }, this.frame);
  }

  post(message: Serialized): void {
    this.queue.push(message);
    if (this.enabled) this.deliver();
  }

  enable(): void {
    if (this.enabled) return;
    this.enabled = true;
    for (let i = 0; i < this.queue.length; i++) this.deliver();
  }

  close(): void {
    const { other } = this;
    this.closed = true;
    this.other = undefined;
    if (!other) return;
    other.other = undefined;
    queueTask(() => {
      if (other.port && !other.closed) dispatch(other.port, trusted(new Event('close')));
    }, other.frame);
  }
}

let pending: End | undefined;
let endOf: (port: MessagePort) => End | undefined;
let detach: (port: MessagePort) => End;

function createPort(end: End): MessagePort {
  pending = end;
  return (end.port = new MessagePort());
}

export class MessagePort extends EventTarget {
  /** Undefined once the port was transferred. */
  #end: End | undefined;

  static {
    isPort = (value): value is MessagePort => isObject(value) && #end in value;
    endOf = (port) => port.#end;
    detach = (port) => {
      const end = port.#end;
      if (!end || end.closed) throw new DOMException('the port is detached', 'DataCloneError');
      port.#end = undefined;
      end.port = undefined;
      end.enabled = false;
      return end;
    };
  }

  constructor() {
    if (!pending) illegal();
    super();
    this.#end = pending;
    pending = undefined;
  }

  postMessage(message: unknown, options: unknown = undefined): void {
    need(arguments, 1, 'MessagePort.postMessage');
    const end = this.#end;
    const iterable = isObject(options) && (options as Partial<Iterable<object>>)[Symbol.iterator] !== undefined;
    const transfer = iterable ? transferOf(options) : transferOf(dictionary(options, 'the options')['transfer']);
    if (transfer.includes(this)) throw new DOMException('a port can not be sent through itself', 'DataCloneError');
    const target = end?.other;
    // A channel whose end goes through its own other end is lost, with the message.
    const doomed = target?.port !== undefined && transfer.includes(target.port);
    const serialized = serializeWithTransfer(message, transfer);
    if (target && !doomed) target.post(serialized);
  }
  start(): void {
    this.#end?.enable();
  }
  close(): void {
    this.#end?.close();
  }
}
defineInterface(MessagePort);
defineHandlers(MessagePort.prototype, ['message', 'messageerror', 'close'], (port, type) => {
  if (type === 'message') endOf(port as MessagePort)?.enable();
});

registerPlatformType({
  is: (value) => isPort(value),
  transfer: (port) => {
    const end = detach(port as MessagePort);
    return () => createPort(end);
  },
});

export class MessageChannel {
  #ports: [MessagePort, MessagePort];
  constructor() {
    const ends: [End, End] = [new End(), new End()];
    [ends[0].other, ends[1].other] = [ends[1], ends[0]];
    this.#ports = [createPort(ends[0]), createPort(ends[1])];
  }
  get port1(): MessagePort {
    return this.#ports[0];
  }
  get port2(): MessagePort {
    return this.#ports[1];
  }
}
defineInterface(MessageChannel);
