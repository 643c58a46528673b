/** `npm run spec -- diff`: changes that callers feel, and whether the version says so. */
import {
  isObject,
  type JsonObject,
  type JsonValue,
  type OpenApiDocument,
  resolve,
} from '../../lib/api/document';
import { judgeVersion } from './bump';
import { protectionOf } from './gate';
import { rawOperations, type RawOperation } from './operations';
import { EXIT, type Finding, type Outcome } from './outcome';
import { same } from './same';
import { type Direction, SchemaDiff } from './schema-diff';
import { relaxed } from './step-up';
import { weakened } from './strength';

/**
 * Compares two documents.
 *
 * @returns no findings when the version says enough: then the breaking changes are notes; else both are findings
 */
export function diff(before: OpenApiDocument, after: OpenApiDocument): Outcome {
  const breaking = breakingChanges(before, after);
  const verdict = judgeVersion(before, after, breaking.length > 0);
  if (verdict.finding === undefined) {
    const notes = [
      ...breaking.map(({ place, rule, reason }) => `breaking: ${place} ${rule} ${reason}`),
      verdict.note,
    ];
    return { exit: EXIT.ok, findings: [], notes };
  }
  return { exit: EXIT.findings, findings: [...breaking, verdict.finding], notes: [verdict.note] };
}

/** Every change after which a request that was right fails, an answer surprises, or code no longer compiles. */
export function breakingChanges(before: OpenApiDocument, after: OpenApiDocument): Finding[] {
  const now = rawOperations(after);
  const findings = [...rawOperations(before)].flatMap(([place, old]): Finding[] => {
    const operation = now.get(place);
    if (operation === undefined)
      return [{ rule: 'operation-removed', place: old.name, reason: 'there is no such operation any more' }];
    return new OperationDiff({ document: before, operation: old }, { document: after, operation }).findings();
  });
  const documentFinding = (rule: string, reason: string): Finding => ({ rule, place: 'document', reason });
  for (const name of namesAt(before, 'schemas').filter(
    (schema) => !namesAt(after, 'schemas').includes(schema),
  ))
    findings.push(documentFinding('schema-name-removed', `clients have a type of the name ${name}`));
  for (const key of ['servers', 'webhooks', 'jsonSchemaDialect']) {
    const unchanged = same({ document: before, value: before[key] }, { document: after, value: after[key] });
    if (before[key] !== undefined && !unchanged) {
      findings.push(documentFinding('not-judged', `${key} changed; what that means is not judged`));
    }
  }
  return findings;
}

interface Side {
  readonly document: OpenApiDocument;
  readonly operation: RawOperation;
}

/** One operation in both documents. */
class OperationDiff {
  private readonly found: Finding[] = [];
  private readonly before: Side;
  private readonly after: Side;

  constructor(before: Side, after: Side) {
    this.before = before;
    this.after = after;
  }

  findings(): Finding[] {
    const [old, now] = [this.before.operation.operation, this.after.operation.operation];
    if (old['operationId'] !== now['operationId'])
      this.add(
        'operation-id-changed',
        `was ${textOf(old['operationId'])}, is ${textOf(now['operationId'])}: clients have a method of that name`,
      );
    if (firstOf(old['tags']) !== firstOf(now['tags']))
      this.add(
        'operation-tag-changed',
        `was ${textOf(firstOf(old['tags']))}, is ${textOf(firstOf(now['tags']))}: clients have a class of that name`,
      );
    this.security();
    this.parameters();
    this.requestBody(old['requestBody'], now['requestBody']);
    this.responses(objectOf(old['responses']), objectOf(now['responses']));
    this.rest(old, now, ['servers', 'callbacks'], 'operation');
    return this.found;
  }

  private add(rule: string, reason: string): void {
    this.found.push({ rule, place: this.before.operation.name, reason });
  }

  /** Callers who were let in and are not any more. */
  private security(): void {
    for (const { reason } of weakened(protectionOf(this.after), protectionOf(this.before)).slice(0, 1))
      this.add('security-tightened', `some callers are refused now (seen from the new document: ${reason})`);
    const stepUp = ({ operation: { item, operation } }: Side): JsonValue | undefined =>
      operation['x-step-up'] ?? item['x-step-up'];
    const [old, now] = [stepUp(this.before), stepUp(this.after)];
    if (relaxed(now, old, []).length > 0)
      this.add('step-up-tightened', `was ${textOf(old)}, is ${textOf(now)}`);
  }

  private parameters(): void {
    const [old, now] = [parametersOf(this.before), parametersOf(this.after)];
    for (const [key, parameter] of old) {
      const other = now.get(key);
      if (other === undefined) this.add('parameter-removed', `${key} is gone`);
      else {
        if (parameter['required'] !== true && other['required'] === true)
          this.add('parameter-required', `${key} is required now`);
        this.schema('request', key, parameter['schema'], other['schema']);
        this.rest(parameter, other, ['style', 'explode', 'allowReserved', 'content'], key);
      }
    }
    for (const [key, parameter] of now) {
      if (!old.has(key) && parameter['required'] === true)
        this.add('parameter-required', `${key} is new and required`);
    }
  }

  private requestBody(old: JsonValue | undefined, now: JsonValue | undefined): void {
    const [body, other] = [this.at(this.before, old), this.at(this.after, now)];
    if (other['required'] === true && body['required'] !== true)
      this.add('request-body-required', 'a body is required now');
    if (old !== undefined && now === undefined)
      this.add('request-body-removed', 'no body is described any more');
    else this.content('request', 'body', body, other);
  }

  private responses(old: JsonObject, now: JsonObject): void {
    for (const [status, raw] of Object.entries(old)) {
      const other = now[status] ?? now[`${status.charAt(0)}XX`] ?? now['default'];
      if (other === undefined) {
        this.add('response-removed', `status ${status} is not described any more`);
        continue;
      }
      const [response, next] = [this.at(this.before, raw), this.at(this.after, other)];
      this.content('response', status, response, next);
      this.headers(status, objectOf(response['headers']), objectOf(next['headers']));
      this.rest(response, next, ['links'], status);
    }
    // a status that was covered by a range or by `default` must still look like that
    for (const [status, raw] of Object.entries(now).filter(([key]) => !Object.hasOwn(old, key))) {
      const range = old[`${status.charAt(0)}XX`] ?? old['default'];
      if (range !== undefined)
        this.content('response', status, this.at(this.before, range), this.at(this.after, raw));
    }
  }

  private headers(status: string, old: JsonObject, now: JsonObject): void {
    const found = new Map(Object.entries(now).map(([name, raw]) => [name.toLowerCase(), raw]));
    for (const [name, raw] of Object.entries(old)) {
      const other = found.get(name.toLowerCase());
      if (other === undefined) {
        this.add('response-header-removed', `${status}: header ${name} is gone`);
        continue;
      }
      const [header, next] = [this.at(this.before, raw), this.at(this.after, other)];
      if (header['required'] === true && next['required'] !== true)
        this.add('response-header-optional', `${status}: header ${name} may be missing now`);
      this.schema('response', `${status} header ${name}`, header['schema'], next['schema']);
    }
  }

  private content(direction: Direction, place: string, old: JsonObject, now: JsonObject): void {
    const found = new Map(
      Object.entries(objectOf(now['content'])).map(([type, media]) => [type.toLowerCase(), media]),
    );
    for (const [type, raw] of Object.entries(objectOf(old['content']))) {
      const other = found.get(type.toLowerCase());
      if (other === undefined) this.add(`${direction}-media-type-removed`, `${place}: ${type} is gone`);
      else {
        const [media, next] = [objectOf(raw), objectOf(other)];
        this.schema(direction, `${place} ${type}`, media['schema'], next['schema']);
        this.rest(media, next, ['encoding'], `${place} ${type}`);
      }
    }
  }

  private schema(
    direction: Direction,
    place: string,
    old: JsonValue | undefined,
    now: JsonValue | undefined,
  ): void {
    const issues = new SchemaDiff(direction, this.before.document, this.after.document).compare(old, now);
    for (const { rule, at, reason } of issues)
      this.add(
        rule === 'not-judged' ? rule : `${direction}-${rule}`,
        `${place}${at === '' ? '' : ` ${at}`}: ${reason}`,
      );
  }

  private rest(old: JsonObject, now: JsonObject, keys: readonly string[], place: string): void {
    for (const key of keys) {
      const unchanged = same(
        { document: this.before.document, value: old[key] },
        { document: this.after.document, value: now[key] },
      );
      if (!unchanged) this.add('not-judged', `${place}: ${key} changed; what that means is not judged`);
    }
  }

  private at({ document }: Side, raw: JsonValue | undefined): JsonObject {
    return raw === undefined ? {} : resolve(document, raw, this.before.operation.name).value;
  }
}

/** Parameters by place and name, those of the operation before those of its path item. */
function parametersOf({ document, operation: { item, operation, name } }: Side): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const list of [item['parameters'], operation['parameters']]) {
    if (!Array.isArray(list)) continue;
    for (const raw of list) {
      const { value } = resolve(document, raw, name);
      const { in: place, name: key } = value as { in: string; name: string };
      // RFC 9110 section 5.1: field names are case-insensitive
      found.set(`${place} parameter ${place === 'header' ? key.toLowerCase() : key}`, value);
    }
  }
  return found;
}

function namesAt(document: OpenApiDocument, kind: string): string[] {
  return Object.keys(objectOf(objectOf(document['components'])[kind]));
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function firstOf(value: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(value) ? value[0] : undefined;
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
