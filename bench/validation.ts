/** What the handler wrapper's validation costs, against the one thing a body cannot do without: JSON.parse. */
import { listWidgets } from '../generated/operations/listWidgets';
import { putWidget } from '../generated/operations/putWidget';
import { createLogger } from '../lambdas/_kernel/log';
import { operationHandler, type CompiledOperation } from '../lambdas/_kernel/operation';
import { json, restEvent } from '../test/_kernel/gateway-events';
import { interleaved, timeRow, type Contestant } from './rounds';
import type { Row } from './row';

const CALLS = 200;
/** Calls that are timed as one: a clock is read in about the time of a small validation. */
const AT_ONCE = 5;
const GOAL = 0.5;

const ID = '3f1c9a52-6d0e-4b7a-9c44-2f6b8f0f9a11';
const INPUT = {
  name: 'Flange, forged, for pipes of 80 mm',
  description: 'Takes eight screws. '.repeat(40),
  priceCents: 1295,
  tags: Array.from({ length: 12 }, (_, index) => `material-${index}`),
};
const TIME = '2026-11-21T10:15:30.123Z';
const WIDGET = { ...INPUT, id: ID, createdAt: TIME, updatedAt: TIME };
const PAGE = { items: Array.from({ length: 100 }, () => WIDGET), nextCursor: 'AT8cmlJtDkt6nEQva48Pmh' };

export async function validationRows(): Promise<Row[]> {
  const request = putWidget.body?.content['application/json'];
  const answer = answerOf(putWidget);
  const page = answerOf(listWidgets);
  if (request?.(INPUT) !== true || !answer(WIDGET) || !page(PAGE))
    throw new Error('what is measured does not fit');
  const [input, widget, list] = [INPUT, WIDGET, PAGE].map((value) => JSON.stringify(value)) as [
    string,
    string,
    string,
  ];
  const event = restEvent({ method: 'PUT', path: { widgetId: ID }, ...json(INPUT) });
  const wrapper = (percent: number): Contestant => {
    const handler = operationHandler(putWidget, () => ({ status: 200, body: WIDGET }), {
      logger: createLogger(),
      responses: () => ({ RESPONSE_VALIDATION_PERCENT: percent }),
    });
    return () => handler(event);
  };
  const times = await interleaved(
    {
      parse: repeated(() => [input, widget].map((text) => JSON.parse(text) as unknown)),
      validate: repeated(() => request(INPUT) && answer(WIDGET)),
      parsePage: repeated(() => JSON.parse(list) as unknown),
      validatePage: repeated(() => page(PAGE)),
      unlooked: wrapper(0),
      looked: wrapper(100),
    },
    CALLS,
  );
  const p50 = (name: keyof typeof times, count = AT_ONCE): number => times[name].p50 / count;
  const both = `validation of request and answer, ${((input.length + widget.length) / 1024).toFixed(1)} KiB of JSON`;
  const pages = `validation of an answer of 100 items, ${(list.length / 1024).toFixed(0)} KiB of JSON`;
  return [
    goalRow(both, p50('validate'), p50('parse')),
    goalRow(pages, p50('validatePage'), p50('parsePage')),
    timeRow('whole wrapper around a PUT', p50('looked', 1), p50('unlooked', 1), 'answers not compared'),
  ];
}

function answerOf(
  operation: Pick<CompiledOperation<unknown>, 'id' | 'responses'>,
): (value: unknown) => boolean {
  const validate = operation.responses['200']?.content['application/json'];
  if (validate === undefined) throw new Error(`${operation.id} has no answer`);
  return validate;
}

function repeated(call: () => unknown): Contestant {
  return () => {
    for (let index = 0; index < AT_ONCE; index += 1) call();
  };
}

function goalRow(what: string, ours: number, peer: number): Row {
  return timeRow(what, ours, peer, 'JSON.parse of the same', `≤ ${GOAL} ×`, ours / peer <= GOAL);
}
