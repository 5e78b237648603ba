/** `util.parseArgs`. */
import { invalidType, invalidValue, withCode } from './errors.ts';

interface Option {
  type: 'string' | 'boolean';
  short?: string;
  multiple?: boolean;
  default?: unknown;
}

type Options = Record<string, Option>;

interface Config {
  args?: string[];
  options?: Options;
  strict?: boolean;
  allowPositionals?: boolean;
  allowNegative?: boolean;
  tokens?: boolean;
}

type Token =
  | { kind: 'option'; name: string; rawName: string; index: number; value: string | undefined; inlineValue: boolean | undefined }
  | { kind: 'positional'; index: number; value: string }
  | { kind: 'option-terminator'; index: number };

/** A member of an object that is its own. */
function own<T extends object, K extends keyof T>(object: T | undefined, key: K): T[K] | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

function check(name: string, type: 'string' | 'boolean', value: unknown, isList = false): void {
  if (isList) {
    if (!Array.isArray(value)) throw invalidType(name, 'an instance of Array', value);
    for (const [index, item] of value.entries()) check(`${name}[${index}]`, type, item);
  } else if (typeof value !== type) throw invalidType(name, `of type ${type}`, value);
}

function checkOption(name: string, option: Option): void {
  if (typeof option !== 'object' || option === null) throw invalidType(`options.${name}`, 'of type object', option);
  const type = own(option, 'type');
  if (type !== 'string' && type !== 'boolean') throw invalidType(`options.${name}.type`, "('string|boolean')", type);
  if (Object.hasOwn(option, 'short')) {
    check(`options.${name}.short`, 'string', option.short);
    if (option.short!.length !== 1) throw invalidValue('property', `options.${name}.short`, 'must be a single character', option.short);
  }
  if (Object.hasOwn(option, 'multiple')) check(`options.${name}.multiple`, 'boolean', option.multiple);
  const fallback = own(option, 'default');
  if (fallback !== undefined) check(`options.${name}.default`, type, fallback, own(option, 'multiple'));
}

/** What the arguments are, each by itself. */
function tokensOf(args: readonly string[], options: Options): Token[] {
  const tokens: Token[] = [];
  const takesValue = (name: string) => own(own(options, name), 'type') === 'string';
  const longOf = (short: string) => Object.entries(options).find(([, option]) => own(option, 'short') === short)?.[0] ?? short;
  const rest = [...args];
  let index = -1;
  /** How many of the next ones were written as one. */
  let grouped = 0;
  const option = (name: string, rawName: string) => {
    const value = takesValue(name) ? rest.shift() : undefined;
    tokens.push({ kind: 'option', name, rawName, index, value, inlineValue: value === undefined ? undefined : false });
    if (value !== undefined) index++;
  };
  const inline = (name: string, rawName: string, value: string) => tokens.push({ kind: 'option', name, rawName, index, value, inlineValue: true });
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (grouped > 0) grouped--;
    else index++;
    if (arg === '--') {
      tokens.push({ kind: 'option-terminator', index });
      for (const value of rest) tokens.push({ kind: 'positional', index: ++index, value });
      break;
    }
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=', 3);
      if (equals < 0) option(arg.slice(2), arg);
      else inline(arg.slice(2, equals), arg.slice(0, equals), arg.slice(equals + 1));
    } else if (arg.length < 2 || !arg.startsWith('-')) {
      tokens.push({ kind: 'positional', index, value: arg });
    } else if (arg.length === 2) {
      option(longOf(arg[1]!), arg);
    } else if (takesValue(longOf(arg[1]!))) {
      inline(longOf(arg[1]!), arg.slice(0, 2), arg.slice(2));
    } else {
      // Several of one letter each, the last of which may have a value.
      const all: string[] = [];
      for (let at = 1; at < arg.length; at++) {
        const isLast = takesValue(longOf(arg[at]!));
        all.push(`-${isLast ? arg.slice(at) : arg[at]!}`);
        if (isLast) break;
      }
      rest.unshift(...all);
      grouped = all.length;
    }
  }
  return tokens;
}

function checkUse(token: Token & { kind: 'option' }, options: Options, allowsNegative: boolean, allowsPositionals: boolean): void {
  let { name } = token;
  const { rawName, value } = token;
  if (!Object.hasOwn(options, name)) {
    const positive = allowsNegative && name.startsWith('no-') ? name.slice(3) : undefined;
    if (positive === undefined || own(own(options, positive), 'type') !== 'boolean') {
      const hint = `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- ${JSON.stringify(rawName)}`;
      throw withCode(new TypeError(`Unknown option '${rawName}'${allowsPositionals ? hint : ''}`), 'ERR_PARSE_ARGS_UNKNOWN_OPTION');
    }
    name = positive;
  }
  const option = options[name]!;
  const shown = `${option.short ? `-${option.short}, ` : ''}--${name}`;
  const wrong = (message: string) => withCode(new TypeError(message), 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE');
  if (option.type === 'string' && value === undefined) throw wrong(`Option '${shown} <value>' argument missing`);
  if (option.type === 'boolean' && value !== undefined) throw wrong(`Option '${shown}' does not take an argument`);
  if (!token.inlineValue && value !== undefined && value.length > 1 && value.startsWith('-')) {
    const example = rawName.startsWith('--') ? `'${rawName}=-XYZ'` : `'--${token.name}=-XYZ' or '${rawName}-XYZ'`;
    throw wrong(
      `Option '${rawName}' argument is ambiguous.\nDid you forget to specify the option argument for '${rawName}'?\nTo specify an option argument starting with a dash use ${example}.`,
    );
  }
}

export function parseArgs(config: Config = {}): { values: Record<string, unknown>; positionals: string[]; tokens?: Token[] } {
  const args = own(config, 'args') ?? (globalThis as unknown as { process: { argv: string[] } }).process.argv.slice(2);
  const strict = own(config, 'strict') ?? true;
  const allowPositionals = own(config, 'allowPositionals') ?? !strict;
  const returnsTokens = own(config, 'tokens') ?? false;
  const allowNegative = own(config, 'allowNegative') ?? false;
  const options = own(config, 'options') ?? {};
  if (!Array.isArray(args)) throw invalidType('args', 'an instance of Array', args);
  for (const [name, value] of Object.entries({ strict, allowPositionals, tokens: returnsTokens, allowNegative })) check(name, 'boolean', value);
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'of type object', options);
  for (const [name, option] of Object.entries(options)) checkOption(name, option);

  const tokens = tokensOf(args, options);
  const values = Object.create(null) as Record<string, unknown>;
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (!allowPositionals) {
        const message = `Unexpected argument '${token.value}'. This command does not take positional arguments`;
        throw withCode(new TypeError(message), 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL');
      }
      positionals.push(token.value);
    } else if (token.kind === 'option') {
      if (strict) checkUse(token, options, allowNegative, allowPositionals);
      if (token.name === '__proto__') continue;
      const isNegative = allowNegative && token.value === undefined && token.name.startsWith('no-');
      if (isNegative) token.name = token.name.slice(3);
      const value = isNegative ? false : (token.value ?? true);
      if (own(own(options, token.name), 'multiple')) ((values[token.name] ??= []) as unknown[]).push(value);
      else values[token.name] = value;
    }
  }
  for (const [name, option] of Object.entries(options)) {
    const fallback = own(option, 'default');
    if (fallback !== undefined && values[name] === undefined && name !== '__proto__') values[name] = fallback;
  }
  return returnsTokens ? { values, positionals, tokens } : { values, positionals };
}
