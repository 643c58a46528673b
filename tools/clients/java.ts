/** Builds the jar: OpenAPI Generator's client with the helpers of clients/java inside. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { generateClient } from './generator';
import { run } from '../_kit/run';
import type { Release } from './version';

const ROOT = join(__dirname, '../..');
const HELPERS = join(ROOT, 'clients/java');
const JACKSON = '2.20.0';

/**
 * @param document path of the OpenAPI document
 * @param out folder of the package; what was there is removed
 * @returns path of the jar; its pom stands beside it
 */
export async function buildJava(document: string, release: Release, out: string): Promise<string> {
  rmSync(out, { recursive: true, force: true });
  const [generated, build] = [join(out, 'generated'), join(out, 'build')];
  const base = packageOf(release);
  const properties = [
    ...['hideGenerationTimestamp=true', 'openApiNullable=false', 'useJakartaEe=true'],
    ...[`invokerPackage=${base}`, `apiPackage=${base}.api`, `modelPackage=${base}.model`],
  ];
  await generateClient('java', document, generated, [
    '--library=native',
    `--additional-properties=${properties.join(',')}`,
  ]);
  const source = join(build, 'src/main/java');
  cpSync(join(generated, 'src/main/java'), source, { recursive: true });
  rmSync(generated, { recursive: true });
  const place = join(source, ...base.split('.'));
  mkdirSync(place, { recursive: true });
  for (const name of readdirSync(HELPERS)) {
    const code = readFileSync(join(HELPERS, name), 'utf8').replaceAll('@PACKAGE@', base);
    writeFileSync(join(place, name), code);
  }
  writeFileSync(join(build, 'pom.xml'), pomOf(release));
  await run('mvn', ['-q', '-B', 'package'], { cwd: build });
  const file = `${release.name}-${release.version}`;
  cpSync(join(build, 'target', `${file}.jar`), join(out, `${file}.jar`));
  cpSync(join(build, 'pom.xml'), join(out, `${file}.pom`));
  rmSync(build, { recursive: true });
  return join(out, `${file}.jar`);
}

/** Package of the classes, e.g. `io.sallyport.clients.widgetapi`. */
function packageOf({ name, mavenGroup }: Release): string {
  return `${mavenGroup}.${name.replace(/-client$/, '').replaceAll('-', '')}`;
}

function pomOf({ name, mavenGroup, version, title }: Release): string {
  const dependencies = [
    ['com.fasterxml.jackson.core', 'jackson-databind', JACKSON],
    ['com.fasterxml.jackson.datatype', 'jackson-datatype-jsr310', JACKSON],
    ['jakarta.annotation', 'jakarta.annotation-api', '2.1.1'],
    ['com.google.code.findbugs', 'jsr305', '3.0.2'],
    ['org.apache.httpcomponents', 'httpmime', '4.5.14'],
  ].map(
    ([group, artifact, number]) =>
      `    <dependency><groupId>${group ?? ''}</groupId><artifactId>${artifact ?? ''}</artifactId><version>${number ?? ''}</version></dependency>`,
  );
  const text = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>${mavenGroup}</groupId>
  <artifactId>${name}</artifactId>
  <version>${version}</version>
  <name>Client of ${text}</name>
  <licenses><license><name>Apache-2.0</name></license></licenses>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <project.build.outputTimestamp>1980-02-01T00:00:00Z</project.build.outputTimestamp>
  </properties>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
  <build>
    <plugins>
      <plugin><artifactId>maven-resources-plugin</artifactId><version>3.3.1</version></plugin>
      <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.14.0</version></plugin>
      <plugin><artifactId>maven-surefire-plugin</artifactId><version>3.5.2</version></plugin>
      <plugin><artifactId>maven-jar-plugin</artifactId><version>3.4.2</version></plugin>
    </plugins>
  </build>
</project>
`;
}
