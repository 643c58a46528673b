/** Settings of the pipeline that deploys every environment but the local one. */
import { z } from 'zod';

/** @param allowed regions a deployment may go to */
export function pipelineSettingsOf<const Regions extends readonly string[]>(allowed: Regions) {
  return z
    .strictObject({
      /** Account of the pipeline; environments whose account is `null` go there too. */
      account: z.string().regex(/^\d{12}$/, 'is not 12 digits; write the account id as a string'),
      /** Region of the pipeline. */
      region: z.enum(allowed, {
        error: (issue) =>
          `is ${JSON.stringify(issue.input)}, which is not in ALLOWED_REGIONS; choose another or add it there (lib/config.ts)`,
      }),
      /** `owner/name` of the repository that is deployed. */
      repository: z.string().regex(/^[\w.-]+(\/[\w.-]+)+$/, 'is not owner/name'),
      /** Every push to this branch is deployed. */
      branch: z.string().regex(/^[\w][\w./-]*$/, 'is not the name of a branch'),
      /** Connection of AWS CodeConnections to the host of the repository, confirmed in the console. */
      connectionArn: z
        .string()
        .regex(
          /^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection\/[\w-]+$/,
          'is not the ARN of a connection (arn:aws:codeconnections:<region>:<account>:connection/<id>)',
        ),
      /** Addresses that hear of approvals that wait, of failures and of releases. */
      notify: z.array(z.email('is not an e-mail address')),
      /** Where client libraries go. `create` makes domain and repository; without it they must be there. */
      codeArtifact: z.strictObject({
        domain: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,48}[a-z0-9]$/, 'is not the name of a CodeArtifact domain'),
        repository: z
          .string()
          .regex(/^[A-Za-z0-9][\w.-]{1,99}$/, 'is not the name of a CodeArtifact repository'),
        create: z.boolean(),
      }),
    })
    .nullable();
}
