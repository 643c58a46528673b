/** `minLength` and `maxLength` for compiled validators: characters are counted only where the length leaves it open. */
import { _, type CodeKeywordDefinition, type KeywordCxt } from 'ajv';
import { useFunc } from 'ajv/dist/compile/util';
import ucs2length from 'ajv/dist/runtime/ucs2length';

/**
 * A text of n characters (JSON Schema Validation 6.3: code points, RFC 8259) has from n to 2 n code units, of which
 * JavaScript knows the number; ajv's own keywords count the characters of every text.
 */
export const LENGTHS: readonly CodeKeywordDefinition[] = [
  lengthKeyword('maxLength', ({ data, schema, gen }) => {
    const count = useFunc(gen, ucs2length);
    return _`${data}.length > ${schema as number} && ${count}(${data}) > ${schema as number}`;
  }),
  lengthKeyword('minLength', ({ data, schema, gen }) => {
    const least = schema as number;
    const count = useFunc(gen, ucs2length);
    return _`${data}.length < ${2 * least} && ${count}(${data}) < ${least}`;
  }),
];

function lengthKeyword(
  keyword: 'maxLength' | 'minLength',
  fails: (cxt: KeywordCxt) => ReturnType<typeof _>,
): CodeKeywordDefinition {
  const words = keyword === 'maxLength' ? 'more' : 'fewer';
  return {
    keyword,
    type: 'string',
    schemaType: 'number',
    error: {
      message: ({ schema }) => `must NOT have ${words} than ${String(schema)} characters`,
      params: ({ schema }) => _`{limit: ${schema as number}}`,
    },
    code: (cxt) => {
      cxt.fail(fails(cxt));
    },
  };
}
