/** Programs that CDK Pipelines installs by itself: held to a checksum, as the lock file holds every other package. */
import { BuildSpec } from 'aws-cdk-lib/aws-codebuild';

interface Tool {
  readonly name: string;
  readonly version: string;
  /** Checksum of the packed package, as lock files have it. Neither tool has dependencies. */
  readonly integrity: string;
}

/** The CLI of package.json. */
export const CDK: Tool = {
  name: 'aws-cdk',
  version: '2.1148.1',
  integrity:
    'sha512-K3d02L17IwmAuiBWNuX1DzYhKUs9GrKYI7bZnGJfJ1bKz9ymXFxfudBOL3rUb8JAusDNSULiQU2fsJH7kyY2XA==',
};

/** Publishes the assets. */
export const CDK_ASSETS: Tool = {
  name: 'cdk-assets',
  version: '4.7.3',
  integrity:
    'sha512-8RC6CdrgnM0nO/VSPkIolCtEmbVeyuaormzMOuvO30hgZJeKy7dddSxvd9h7S4ZQVoAnlmmRAVnE00kkRktjGg==',
};

/**
 * The newest publisher reads manifests up to schema 54, and the construct library writes 55, whose schema of assets is the
 * same. To be deleted with a publisher that knows 55.
 */
export const READABLE = `find . -name '*.assets.json' -exec sed -i.55 's/"version": "55[.][0-9.]*"/"version": "54.0.0"/' {} +`;

/**
 * What goes before the `npm install -g <name>@<version>` of the construct library: installs the package aside without
 * running anything of it, compares its checksum with the one here, and leaves npm nothing but what it has fetched then. The
 * commands of a project run in one shell, so the setting holds for the next command.
 *
 * @param first commands that go before all
 */
export function installed({ name, version, integrity }: Tool, first: readonly string[] = []): BuildSpec {
  return BuildSpec.fromObject({
    phases: {
      install: {
        commands: [
          ...first,
          'FETCHED="$(mktemp -d)"',
          `npm install --silent --ignore-scripts --prefix "$FETCHED" ${name}@${version}`,
          `grep -F '"integrity": "${integrity}"' "$FETCHED/package-lock.json"`,
          'export npm_config_offline=true',
        ],
      },
    },
  });
}
