/** What the rehearsal does in place of what needs AWS, and why. Everything else runs as it stands in the template. */

export interface Substitution {
  /** Where it stands: `stage / action`. */
  readonly place: string;
  readonly what: string;
  readonly by: string;
  readonly because: string;
}

export interface Rule {
  readonly pattern: RegExp;
  /** What runs instead; `null` runs nothing. */
  readonly by: string | null;
  readonly because: string;
}

export interface RuleOptions {
  readonly withoutTests: boolean;
  readonly withoutAudit: boolean;
}

/** For commands; the first that matches is taken. */
export function rulesFor({ withoutTests, withoutAudit }: RuleOptions): Rule[] {
  return [
    {
      pattern: /^cdk -a (\S+) deploy SallyportPipeline .*$/,
      by: 'cdk -a $1 diff SallyportPipeline --template "$REHEARSAL_TEMPLATE" --no-color',
      because:
        'there is no CloudFormation of a real account; the rehearsal takes the new template itself, and starts again',
    },
    {
      pattern: /^cdk-assets --path ("[^"]+"|\S+) --verbose publish .*$/,
      by: 'cdk-assets --path $1 ls',
      because: 'there is no bucket of a real account; that every file is in the assembly is seen',
    },
    ...(withoutTests ? [{ pattern: /^npm test$/, by: null, because: '--without-tests' }] : []),
    ...(withoutAudit
      ? [
          {
            pattern: /^npm run -s gates$/,
            by: 'npm run -s gates -- --offline',
            because: '--without-audit: for a registry without advisories',
          },
        ]
      : []),
  ];
}

/** @returns what runs for a command; the rule where it is something else */
export function substituted(
  command: string,
  rules: readonly Rule[],
): { readonly run: string | null; readonly rule?: Rule } {
  const rule = rules.find(({ pattern }) => pattern.test(command));
  if (rule === undefined) return { run: command };
  return { run: rule.by === null ? null : command.replace(rule.pattern, rule.by), rule };
}
