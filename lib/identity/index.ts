/** The Cognito user pool, its confidential client and its login pages. */
import { Duration, Fn, SecretValue, Stack } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  type CfnUserPoolClient,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

import { acknowledge } from '../_kit/acknowledge';
import { KEEP, removalPolicyOf, type Lifecycle } from '../_kit/lifecycle';

export interface IdentityProps {
  /** Where sign-in returns to: full URLs. */
  readonly callbackUrls: readonly [string, ...string[]];
  /** Where sign-out returns to: full URLs. */
  readonly logoutUrls: readonly [string, ...string[]];
  /** Scopes of the API in the form `<resource server>/<scope>`, e.g. `widgets/read`. */
  readonly scopes: readonly string[];
  /** Whether anybody may register an account. @default false, administrators create them */
  readonly selfSignUp?: boolean;
  /**
   * Prefix of the login domain, unique in the region.
   * @default derived from the stack's id: unique, the same at every synth, and without the account id in it
   */
  readonly loginDomainPrefix?: string;
  /**
   * `managed` are Cognito's managed login pages in its own style, `classic` the older hosted pages.
   * @default managed
   */
  readonly loginPages?: 'managed' | 'classic';
  /** @default the pool outlives its stack and is protected against deletion */
  readonly lifecycle?: Lifecycle;
}

export class Identity extends Construct {
  readonly userPool: UserPool;
  /** The confidential client of the web application: authorization code grant only. */
  readonly client: UserPoolClient;
  /** The client's secret; its value is the plain secret. */
  readonly clientSecret: Secret;
  /** Origin of the login pages. */
  readonly loginUrl: string;
  /** Issuer that tokens of the pool name. */
  readonly issuer: string;

  constructor(scope: Construct, id: string, props: IdentityProps) {
    super(scope, id);
    const lifecycle = props.lifecycle ?? KEEP;
    const managed = (props.loginPages ?? 'managed') === 'managed';
    this.userPool = new UserPool(this, 'UserPool', {
      selfSignUpEnabled: props.selfSignUp ?? false,
      signInAliases: { email: true },
      autoVerify: { email: true },
      // a changed address takes over the account only once it is proven
      keepOriginal: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      featurePlan: FeaturePlan.ESSENTIALS,
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      deletionProtection: lifecycle.data === 'retain',
      removalPolicy: removalPolicyOf(lifecycle),
    });
    acknowledge(this.userPool, {
      COG2: 'a second factor is asked for where an operation needs it (step-up), not at every sign-in',
      COG8: 'threat protection of the Plus plan is priced per user; an adopter who wants it sets the plan',
    });
    this.client = this.webClient(props);
    this.clientSecret = this.storedSecret(lifecycle);
    const domain = new UserPoolDomain(this, 'LoginDomain', {
      userPool: this.userPool,
      cognitoDomain: { domainPrefix: props.loginDomainPrefix ?? this.derivedPrefix() },
      managedLoginVersion: managed
        ? ManagedLoginVersion.NEWER_MANAGED_LOGIN
        : ManagedLoginVersion.CLASSIC_HOSTED_UI,
    });
    if (managed) {
      // without a style of their own, managed login pages of a client are an error page
      new CfnManagedLoginBranding(this, 'LoginStyle', {
        userPoolId: this.userPool.userPoolId,
        clientId: this.client.userPoolClientId,
        useCognitoProvidedValues: true,
      });
    }
    this.loginUrl = domain.baseUrl();
    this.issuer = `https://cognito-idp.${Stack.of(this).region}.amazonaws.com/${this.userPool.userPoolId}`;
  }

  private webClient(props: IdentityProps): UserPoolClient {
    return this.userPool.addClient('WebClient', {
      generateSecret: true,
      // no sign-in by API: a token comes from the login pages, through the code grant
      authFlows: { userSrp: false, userPassword: false, adminUserPassword: false, custom: false },
      oAuth: {
        flows: { authorizationCodeGrant: true, implicitCodeGrant: false, clientCredentials: false },
        // not aws.cognito.signin.user.admin: with it, a stolen token could change the user's factors
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, ...this.resourceServerScopes(props.scopes)],
        callbackUrls: [...props.callbackUrls],
        logoutUrls: [...props.logoutUrls],
      },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.minutes(15),
      idTokenValidity: Duration.minutes(15),
      refreshTokenValidity: Duration.hours(12),
      authSessionValidity: Duration.minutes(5),
    });
  }

  /** One resource server for every prefix of the scopes. */
  private resourceServerScopes(scopes: readonly string[]): OAuthScope[] {
    const names = new Map<string, string[]>();
    for (const scope of scopes) {
      const [server, name] = splitScope(scope);
      names.set(server, [...(names.get(server) ?? []), name]);
    }
    return [...names].flatMap(([server, list]) => {
      const own = list.map(
        (name) => new ResourceServerScope({ scopeName: name, scopeDescription: `${name} ${server}` }),
      );
      const resourceServer = this.userPool.addResourceServer(`Scopes-${server}`, {
        identifier: server,
        scopes: own,
      });
      return own.map((scope) => OAuthScope.resourceServer(resourceServer, scope));
    });
  }

  /** CloudFormation hands the generated secret on without it ever standing in a template. */
  private storedSecret(lifecycle: Lifecycle): Secret {
    const { attrClientSecret } = this.client.node.defaultChild as CfnUserPoolClient;
    const secret = new Secret(this, 'ClientSecret', {
      description: 'Secret of the web application as a client of the user pool',
      secretStringValue: SecretValue.resourceAttribute(attrClientSecret),
      removalPolicy: removalPolicyOf(lifecycle),
    });
    acknowledge(secret, {
      SMG4: 'Cognito generates the value with the client; a new one comes with a new client',
    });
    return secret;
  }

  private derivedPrefix(): string {
    const stackUuid = Fn.select(2, Fn.split('/', Stack.of(this).stackId));
    return `sallyport-${Fn.select(4, Fn.split('-', stackUuid))}`;
  }
}

function splitScope(scope: string): [server: string, name: string] {
  const slash = scope.indexOf('/');
  if (slash <= 0 || slash === scope.length - 1) {
    throw new Error(
      `scope ${JSON.stringify(scope)} is not of the form <resource server>/<scope>; rename it in the document`,
    );
  }
  return [scope.slice(0, slash), scope.slice(slash + 1)];
}
