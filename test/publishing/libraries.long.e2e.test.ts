/** The jar and the wheel: built, published to folders, installed from there, and run against the deployed local stack. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { localStack, READ, signedIn, WRITE } from '../local-stack';
import { clients, otherDocument, ran, type Ran, temporary } from './commands';

jest.setTimeout(900_000);

const EXPECTED = {
  read: 'Flange',
  replaced: 'Gasket',
  listed: true,
  gone: '404 Not Found',
  wrong: '400 Bad Request',
  anonymous: '401 Unauthorized',
  open: 'ok',
  stepUp: 'high 300',
  retried: 'ok',
};

function accepted(result: Ran): Ran {
  if (result.exit !== 0) throw new Error(`${result.error}${result.out}`);
  return result;
}

/** Answers `/ping` first with 503, and `/info` with a step-up challenge: the deployed stack does neither. */
async function busyServer(): Promise<{ url: string; close: () => void }> {
  let pings = 0;
  const server = createServer((request, response) => {
    const json = { 'content-type': 'application/json' };
    if (request.url?.startsWith('/info') === true) {
      const challenge = 'Bearer error="insufficient_user_authentication", acr_values="high", max_age=300';
      response.writeHead(401, { ...json, 'www-authenticate': challenge }).end('{"title":"Unauthorized"}');
    } else if ((pings += 1) === 1) response.writeHead(503, { 'retry-after': '0' }).end();
    else response.writeHead(200, json).end('{"status":"ok"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}

/** Runs a program that prints what {@link EXPECTED} has. */
async function calls(
  run: (baseUrl: string, token: string, busyUrl: string) => Promise<Ran>,
): Promise<unknown> {
  const { accessToken } = await signedIn('ada', READ, WRITE);
  const busy = await busyServer();
  try {
    const { out } = accepted(await run(`${localStack().siteUrl}/api`, accessToken, busy.url));
    return JSON.parse(out.trim().split('\n').at(-1) ?? '');
  } finally {
    busy.close();
  }
}

const PYTHON = `
import json, sys
from widget_api_client import ServiceApi, WidgetsApi, WidgetInput
from widget_api_client.sallyport import ProblemError, StepUpRequiredError, call, connect

base, token, busy = sys.argv[1:]
client = connect(base, access_token=token)
widgets = WidgetsApi(client)
created = call(widgets.create_widget, WidgetInput(name="Flange", price_cents=1295, tags=["steel"]))
read = call(widgets.get_widget, created.id)
replaced = call(widgets.put_widget, created.id, WidgetInput(name="Gasket"))
listed = any(widget.id == created.id for widget in call(widgets.list_widgets, limit=100).items)
call(widgets.delete_widget, created.id)

def failure(operation, *args, **kwargs):
    try:
        call(operation, *args, **kwargs)
        return "success"
    except ProblemError as error:
        return f"{error.status} {error.problem['title']}"

def challenge():
    try:
        call(ServiceApi(connect(busy)).get_info)
    except StepUpRequiredError as error:
        return f"{' '.join(error.challenge.acr_values)} {error.challenge.max_age}"

print(json.dumps({
    "read": read.name,
    "replaced": replaced.name,
    "listed": listed,
    "gone": failure(widgets.get_widget, created.id),
    "wrong": failure(widgets.create_widget, WidgetInput.model_construct(name="")),
    "anonymous": failure(WidgetsApi(connect(base)).list_widgets),
    "open": call(ServiceApi(connect(base)).ping).status,
    "stepUp": challenge(),
    "retried": call(ServiceApi(connect(busy)).ping).status,
}))
`;

const JAVA = `
import io.sallyport.clients.widgetapi.*;
import io.sallyport.clients.widgetapi.api.*;
import io.sallyport.clients.widgetapi.model.*;

public class Program {
  public static void main(String[] args) throws Exception {
    Connection connection = new Connection(args[0]).bearer(() -> args[1]);
    WidgetsApi widgets = new WidgetsApi(connection.client());
    Widget created = connection.call(() -> widgets.createWidget(new WidgetInput().name("Flange").priceCents(1295)));
    var id = created.getId();
    Widget read = connection.callAgain(() -> widgets.getWidget(id));
    Widget replaced = connection.callAgain(() -> widgets.putWidget(id, new WidgetInput().name("Gasket")));
    boolean listed = connection.callAgain(() -> widgets.listWidgets(100, null)).getItems().stream()
        .anyMatch(widget -> widget.getId().equals(id));
    connection.callAgain(() -> { widgets.deleteWidget(id); return null; });
    Connection nobody = new Connection(args[0]);
    Connection busy = new Connection(args[2]);
    String stepUp = "";
    try {
      busy.call(() -> new ServiceApi(busy.client()).getInfo());
    } catch (StepUpRequiredException challenge) {
      stepUp = String.join(" ", challenge.acrValues()) + " " + challenge.maxAge().getAsLong();
    }
    System.out.printf(
        "{\\"read\\":\\"%s\\",\\"replaced\\":\\"%s\\",\\"listed\\":%s,\\"gone\\":\\"%s\\",\\"wrong\\":\\"%s\\",\\"anonymous\\":\\"%s\\",\\"open\\":\\"%s\\",\\"stepUp\\":\\"%s\\",\\"retried\\":\\"%s\\"}%n",
        read.getName(), replaced.getName(), listed,
        failure(connection, () -> widgets.getWidget(id)),
        failure(connection, () -> widgets.createWidget(new WidgetInput().name(""))),
        failure(nobody, () -> new WidgetsApi(nobody.client()).listWidgets(null, null)),
        nobody.call(() -> new ServiceApi(nobody.client()).ping()).getStatus(),
        stepUp,
        busy.callAgain(() -> new ServiceApi(busy.client()).ping()).getStatus());
  }

  static <T> String failure(Connection connection, Connection.Operation<T> operation) {
    try {
      connection.call(operation);
      return "success";
    } catch (ProblemException problem) {
      return problem.status() + " " + problem.problem().get("title");
    }
  }
}
`;

describe('the wheel', () => {
  const index = join(temporary(), 'index');
  const publish = (...more: string[]): Promise<Ran> =>
    clients(['--language', 'python', '--pypi', index, '--out', join(temporary(), 'out'), ...more]);

  it('installs from the index in a folder, and calls the API', async () => {
    expect(accepted(await publish()).out).toContain('published');
    const folder = temporary();
    const python = join(folder, 'venv/bin/python');
    accepted(await ran('python3', ['-m', 'venv', join(folder, 'venv')]));
    const simple = pathToFileURL(join(index, 'simple/widget-api-client/index.html')).href;
    accepted(await ran(python, ['-m', 'pip', 'install', '-q', 'widget-api-client', '--find-links', simple]));
    writeFileSync(join(folder, 'program.py'), PYTHON);

    expect(await calls((...args) => ran(python, [join(folder, 'program.py'), ...args]))).toEqual(EXPECTED);
  });

  it('PIPE-02 the same again is nothing new, other content is refused', async () => {
    expect(accepted(await publish()).out).toContain('unchanged');
    expect(await publish('--document', otherDocument())).toMatchObject({
      exit: 1,
      error: expect.stringContaining('is published with other content') as string,
    });
  });
});

describe('the jar', () => {
  const repository = join(temporary(), 'repository');
  const publish = (...more: string[]): Promise<Ran> =>
    clients(['--language', 'java', '--maven', repository, '--out', join(temporary(), 'out'), ...more]);

  it('installs from the repository in a folder, and calls the API', async () => {
    const { out } = accepted(await publish());
    const [, version = ''] = /java: (\S+) published/.exec(out) ?? [];
    const folder = temporary();
    mkdirSync(join(folder, 'src/main/java'), { recursive: true });
    writeFileSync(join(folder, 'src/main/java/Program.java'), JAVA);
    writeFileSync(join(folder, 'pom.xml'), pomOf(repository, version));
    accepted(await ran('mvn', ['-q', '-B', 'package', 'dependency:copy-dependencies'], { cwd: folder }));
    const classPath = `${join(folder, 'target/classes')}:${join(folder, 'target/dependency')}/*`;

    expect(await calls((...args) => ran('java', ['-cp', classPath, 'Program', ...args]))).toEqual(EXPECTED);
  });

  it('PIPE-02 the same again is nothing new, other content is refused', async () => {
    expect(accepted(await publish()).out).toContain('unchanged');
    expect(await publish('--document', otherDocument())).toMatchObject({
      exit: 1,
      error: expect.stringContaining('is published with other content') as string,
    });
  });
});

/** The project of a user; Maven keeps what it fetched from the folder apart, since its version may be built again. */
function pomOf(folder: string, version: string): string {
  const text = readFileSync(join(__dirname, 'program.pom.xml'), 'utf8');
  return text.replace('@REPOSITORY@', pathToFileURL(folder).href).replace('@VERSION@', version);
}
