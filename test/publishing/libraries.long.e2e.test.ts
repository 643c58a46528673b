/** The jar and the wheel: built, published to folders, installed from there, and run against the deployed local stack. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { localStack, READ, signedIn, WRITE } from '../local-stack';
import { clients, otherDocument, ran, type Ran, temporary } from './commands';
import { type CertificateFiles, partnerCertificate } from './partner-certificate';

jest.setTimeout(900_000);

const EXPECTED = {
  read: 'Flange',
  replaced: 'Gasket',
  listed: true,
  gone: '404 Not Found',
  wrong: '400 Bad Request',
  anonymous: '401 Unauthorized',
  open: 'ok',
  key: 'k-1',
  challenge: 'high 300',
  steppedUp: 'info',
  declined: 'step-up',
  steppedUpTwice: 'step-up',
  busy: 'ok',
  limited: '429 Too Many Requests',
  dated: '503 Service Unavailable',
  unrepeated: '503 Service Unavailable',
  ordered: 'A-1',
  partner: 'CN=partner-library',
  withoutCertificate: 'no connection',
};

/** What the deployed stack does not do, or not at will: by the first segment of the path, one answer after the other. */
const SCENARIOS: Readonly<Record<string, readonly Answer[]>> = {
  key: [{ status: 200, info: 'x-api-key' }],
  challenge: [{ status: 401 }],
  steppedUp: [{ status: 401 }, { status: 200, info: 'host' }],
  declined: [{ status: 401 }],
  steppedUpTwice: [{ status: 401 }, { status: 401 }],
  busy: [
    { status: 429, retryAfter: '0' },
    { status: 503, retryAfter: 'Thu, 01 Jan 1970 00:00:00 GMT' },
    { status: 200 },
  ],
  limited: [{ status: 429, retryAfter: '3600' }],
  dated: [{ status: 503, retryAfter: 'Fri, 31 Dec 2100 23:59:59 GMT' }],
  unrepeated: [{ status: 503, retryAfter: '0' }],
};

interface Answer {
  readonly status: number;
  readonly retryAfter?: string;
  /** Name of the request's header that the answer of `/info` repeats as the service's name. */
  readonly info?: string;
}

function accepted(result: Ran): Ran {
  if (result.exit !== 0) throw new Error(`${result.error}${result.out}`);
  return result;
}

/** Answers as {@link SCENARIOS} says; more requests than that are answered by 500, and counted. */
async function scenarioServer(): Promise<{ url: string; seen: Record<string, number>; close: () => void }> {
  const seen: Record<string, number> = {};
  const server = createServer((request, response) => {
    const [, scenario = ''] = request.url?.split('/') ?? [];
    const count = (seen[scenario] ?? 0) + 1;
    seen[scenario] = count;
    const { status, retryAfter, info }: Answer = SCENARIOS[scenario]?.[count - 1] ?? { status: 500 };
    const challenge = 'Bearer error="insufficient_user_authentication", acr_values="high", max_age=300';
    const caller = { subject: 's', scopes: [], groups: [] };
    const name = info === 'host' ? 'info' : request.headers[info ?? ''];
    const body =
      status >= 400
        ? { type: 'about:blank', title: STATUS_CODES[status], status }
        : info === undefined
          ? { status: 'ok' }
          : { name, version: '1', caller };
    response
      .writeHead(status, {
        'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
        ...(status === 401 ? { 'www-authenticate': challenge } : {}),
        ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
      })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => server.close(),
  };
}

/**
 * Runs a program that prints what {@link EXPECTED} has.
 *
 * @param run takes the arguments of the program: API, token, scenarios, partner API, CA, certificate, key
 */
async function calls(
  { cert, key, ca }: CertificateFiles,
  run: (...args: string[]) => Promise<Ran>,
): Promise<unknown> {
  const { accessToken } = await signedIn('ada', READ, WRITE);
  const { siteUrl, partnerUrl } = localStack();
  const server = await scenarioServer();
  try {
    const { out } = accepted(
      await run(...[`${siteUrl}/api`, accessToken, server.url], ...[partnerUrl ?? '', ca, cert, key]),
    );
    // each scenario to its end and no further
    const expected = Object.entries(SCENARIOS).map(([name, answers]) => [name, answers.length]);
    expect(server.seen).toEqual(Object.fromEntries(expected));
    return JSON.parse(out.trim().split('\n').at(-1) ?? '');
  } finally {
    server.close();
  }
}

const PYTHON = `
import json, sys
from urllib3.exceptions import MaxRetryError
from widget_api_client import PartnerOrderInput, PartnerOrdersApi, ServiceApi, WidgetsApi, WidgetInput
from widget_api_client.sallyport import ProblemError, StepUpRequiredError, call, connect

base, token, scenarios, partners, ca, certificate, key = sys.argv[1:]
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
    except StepUpRequiredError:
        return "step-up"
    except ProblemError as error:
        return f"{error.status} {error.problem['title']}"
    except MaxRetryError:
        return "no connection"

def scenario(name, **kwargs):
    return ServiceApi(connect(f"{scenarios}/{name}", **kwargs))

def challenge():
    try:
        call(scenario("challenge").get_info)
    except StepUpRequiredError as error:
        return f"{' '.join(error.challenge.acr_values)} {error.challenge.max_age}"

orders = PartnerOrdersApi(connect(partners, certificate=(certificate, key), ca_file=ca))
order = PartnerOrderInput(article="A-1", quantity=1)
print(json.dumps({
    "read": read.name,
    "replaced": replaced.name,
    "listed": listed,
    "gone": failure(widgets.get_widget, created.id),
    "wrong": failure(widgets.create_widget, WidgetInput.model_construct(name="")),
    "anonymous": failure(WidgetsApi(connect(base)).list_widgets),
    "open": call(ServiceApi(connect(base)).ping).status,
    "key": call(scenario("key", api_key=("x-api-key", "k-1")).get_info).name,
    "challenge": challenge(),
    "steppedUp": call(scenario("steppedUp").get_info, on_step_up=lambda challenge: True).name,
    "declined": failure(scenario("declined").get_info, on_step_up=lambda challenge: False),
    "steppedUpTwice": failure(scenario("steppedUpTwice").get_info, on_step_up=lambda challenge: True),
    "busy": call(scenario("busy").ping).status,
    "limited": failure(scenario("limited").ping),
    "dated": failure(scenario("dated").ping),
    "unrepeated": failure(WidgetsApi(connect(f"{scenarios}/unrepeated")).create_widget, WidgetInput(name="a")),
    "ordered": call(orders.create_partner_order, order).article,
    "partner": call(orders.list_partner_orders).partner,
    "withoutCertificate": failure(PartnerOrdersApi(connect(partners, ca_file=ca, attempts=1)).list_partner_orders),
}))
`;

const JAVA = `
import io.sallyport.clients.widgetapi.*;
import io.sallyport.clients.widgetapi.api.*;
import io.sallyport.clients.widgetapi.model.*;

import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.*;

public class Program {
  static String scenarios;

  public static void main(String[] args) throws Exception {
    scenarios = args[2];
    Connection connection = new Connection(args[0]).bearer(() -> args[1]);
    WidgetsApi widgets = new WidgetsApi(connection.client());
    Widget created = connection.call(() -> widgets.createWidget(new WidgetInput().name("Flange").priceCents(1295)));
    var id = created.getId();
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("read", connection.callAgain(() -> widgets.getWidget(id)).getName());
    told.put("replaced", connection.callAgain(() -> widgets.putWidget(id, new WidgetInput().name("Gasket"))).getName());
    told.put("listed", connection.callAgain(() -> widgets.listWidgets(100, null)).getItems().stream()
        .anyMatch(widget -> widget.getId().equals(id)));
    connection.callAgain(() -> { widgets.deleteWidget(id); return null; });
    told.put("gone", failure(connection, () -> widgets.getWidget(id)));
    told.put("wrong", failure(connection, () -> widgets.createWidget(new WidgetInput().name(""))));
    Connection nobody = new Connection(args[0]);
    told.put("anonymous", failure(nobody, () -> new WidgetsApi(nobody.client()).listWidgets(null, null)));
    told.put("open", nobody.call(() -> new ServiceApi(nobody.client()).ping()).getStatus());

    told.put("key", info(scenario("key").apiKey("x-api-key", "k-1")));
    Connection challenged = scenario("challenge");
    try {
      info(challenged);
    } catch (StepUpRequiredException challenge) {
      told.put("challenge", String.join(" ", challenge.acrValues()) + " " + challenge.maxAge().getAsLong());
    }
    told.put("steppedUp", info(scenario("steppedUp").onStepUp(challenge -> true)));
    Connection declined = scenario("declined").onStepUp(challenge -> false);
    told.put("declined", failure(declined, () -> new ServiceApi(declined.client()).getInfo()));
    Connection twice = scenario("steppedUpTwice").onStepUp(challenge -> true);
    told.put("steppedUpTwice", failure(twice, () -> new ServiceApi(twice.client()).getInfo()));
    Connection busy = scenario("busy");
    told.put("busy", busy.callAgain(() -> new ServiceApi(busy.client()).ping()).getStatus());
    for (String name : new String[] {"limited", "dated"}) {
      Connection limited = scenario(name);
      told.put(name, failureAgain(limited, () -> new ServiceApi(limited.client()).ping()));
    }
    Connection once = scenario("unrepeated");
    told.put("unrepeated", failure(once, () -> new WidgetsApi(once.client()).createWidget(new WidgetInput().name("a"))));

    Connection good = new Connection(args[3]).certificate(context(args[4], args[5]));
    PartnerOrderInput order = new PartnerOrderInput().article("A-1").quantity(1);
    told.put("ordered", good.call(() -> new PartnerOrdersApi(good.client()).createPartnerOrder(order)).getArticle());
    told.put("partner", good.call(() -> new PartnerOrdersApi(good.client()).listPartnerOrders()).getPartner());
    Connection without = new Connection(args[3]).certificate(context(args[4], null));
    told.put("withoutCertificate", failure(without, () -> new PartnerOrdersApi(without.client()).listPartnerOrders()));
    System.out.println(new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(told));
  }

  static Connection scenario(String name) {
    return new Connection(scenarios + "/" + name);
  }

  static String info(Connection connection) {
    return connection.call(() -> new ServiceApi(connection.client()).getInfo()).getName();
  }

  static SSLContext context(String authority, String pair) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (FileInputStream file = new FileInputStream(authority)) {
      trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyManager[] keys = null;
    if (pair != null) {
      KeyStore own = KeyStore.getInstance("PKCS12");
      try (FileInputStream file = new FileInputStream(pair)) {
        own.load(file, "changeit".toCharArray());
      }
      KeyManagerFactory manager = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      manager.init(own, "changeit".toCharArray());
      keys = manager.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust.getTrustManagers(), null);
    return context;
  }

  static <T> String failure(Connection connection, Connection.Operation<T> operation) {
    return failed(() -> connection.call(operation));
  }

  static <T> String failureAgain(Connection connection, Connection.Operation<T> operation) {
    return failed(() -> connection.callAgain(operation));
  }

  static String failed(Runnable call) {
    try {
      call.run();
      return "success";
    } catch (StepUpRequiredException challenge) {
      return "step-up";
    } catch (ProblemException problem) {
      // without an answer there is no status
      return problem.status() == 0 ? "no connection" : problem.status() + " " + problem.problem().get("title");
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

    const files = partnerCertificate('partner-library');

    expect(await calls(files, (...args) => ran(python, [join(folder, 'program.py'), ...args]))).toEqual(
      EXPECTED,
    );
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

    const files = partnerCertificate('partner-library');
    // as Java reads a key
    const cert = join(folder, 'client.p12');
    const store = ['-out', cert, '-passout', 'pass:changeit'];
    accepted(await ran('openssl', ['pkcs12', '-export', '-in', files.cert, '-inkey', files.key, ...store]));
    const java = (...args: string[]): Promise<Ran> => ran('java', ['-cp', classPath, 'Program', ...args]);

    expect(await calls({ ...files, cert }, java)).toEqual(EXPECTED);
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
