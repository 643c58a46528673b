/** The console: one page from which a newcomer understands and tries the system. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { consolePage } from './console-page';
import { curlLines } from './curl-lines';
import { lastDecisionsOf } from './decisions';
import { messageOf } from './failure';
import { sendPage } from './html';
import { isLocalHost, problem } from './http';
import { inboxPage, mails } from './inbox';
import type { LocalOutputs } from './outputs';

export function localConsole(outputs: LocalOutputs): Server {
  return createServer((request, response) => {
    answer(request, response, outputs).catch((error: unknown) => {
      problem(response, 502, 'Bad Gateway', `the emulator does not answer as expected: ${messageOf(error)}`);
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  outputs: LocalOutputs,
): Promise<void> {
  if (!isLocalHost(request.headers.host)) {
    problem(response, 403, 'Forbidden', 'open the console by http://127.0.0.1');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    problem(response, 405, 'Method Not Allowed', 'the console is only read');
    return;
  }
  switch (request.url ?? '') {
    case '/': {
      const [lines, decisions] = await Promise.all([
        curlLines(outputs),
        lastDecisionsOf(outputs.emulatorUrl, [outputs.authorizerLogGroup, outputs.partnerAuthorizerLogGroup]),
      ]);
      sendPage(response, 'Sallyport console', consolePage(outputs, lines, decisions));
      return;
    }
    case '/inbox':
      sendPage(response, 'Sallyport inbox', inboxPage(await mails(outputs.emulatorUrl)));
      return;
    case '/curl-lines.json':
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end(JSON.stringify(await curlLines(outputs)));
      return;
    default:
      problem(response, 404, 'Not Found', 'the console has /, /inbox and /curl-lines.json');
  }
}
