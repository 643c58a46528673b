/** Name and version of a client library, from the document alone. */
import { clientNamesOf } from '../../lib/api/client-names';
import { isObject, type OpenApiDocument } from '../../lib/api/document';

export interface Release {
  /** Title of the document in kebab case, with `-client`: `widget-api-client`. */
  readonly name: string;
  /** Group id of the Java library. */
  readonly mavenGroup: string;
  readonly title: string;
  /** As npm and Maven write it: `0.1.0`, or `0.1.0-dev.g3f1c9a5` before the release. */
  readonly version: string;
  /**
   * As Python writes it (PEP 440): `0.1.0`, or `0.1.0.dev69500197`, where the number is the start of the commit read as
   * hexadecimal. A local version (`0.1.0.dev0+g3f1c9a5`) would name it in letters, but is for no index: "Local version
   * identifiers SHOULD NOT be used when publishing upstream projects to a public index server".
   */
  readonly pythonVersion: string;
}

/**
 * @param revision commit of a build before the release, in hexadecimal; `undefined` for the release itself
 * @throws Error for a version that is not x.y.z, or a revision that is no commit
 */
export function releaseOf(document: OpenApiDocument, revision: string | undefined): Release {
  const info = isObject(document['info']) ? document['info'] : {};
  const [title, version] = [info['title'], info['version']];
  if (typeof title !== 'string' || typeof version !== 'string' || !/^\d+\.\d+\.\d+$/.test(version))
    throw new Error(`info.version is ${JSON.stringify(version ?? null)}; client libraries need x.y.z`);
  if (revision !== undefined && !/^[0-9a-f]{7,40}$/.test(revision))
    throw new Error(`${JSON.stringify(revision)} is no commit in hexadecimal`);
  return {
    ...clientNamesOf(document),
    title,
    // the g keeps an all-digit commit from reading as a number with leading zeros (Semantic Versioning section 9)
    version: revision === undefined ? version : `${version}-dev.g${revision}`,
    // as many digits as a number holds exactly
    pythonVersion: revision === undefined ? version : `${version}.dev${parseInt(revision.slice(0, 12), 16)}`,
  };
}
