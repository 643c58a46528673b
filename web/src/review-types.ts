/** Shapes of the review's operations; openapi.yaml describes them in full. */

export interface Vote {
  /** Id of the person at the identity provider. */
  readonly by: string;
  /** RFC 3339, as every time here. */
  readonly at: string;
  readonly decision: 'approve' | 'deny';
  readonly falsePositive: boolean;
  readonly reason: string;
}

/** What has been said of one object, or of all. */
export interface Ballot {
  /** The first of two approvals. */
  readonly first?: Vote;
  readonly decided?: Vote;
}

/** Why an approval is not taken. */
type Obstacle = 'decided' | 'own_upload' | 'other_person_needed' | 'malware';

/** What it would come to if the caller approved now. */
export type Approval = 'releases' | 'first_of_two' | Obstacle;

export interface ReviewedObject extends Ballot {
  readonly number: number;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly uploader?: string;
  readonly approval: Approval;
  readonly verdict: 'SENSITIVE' | 'UNKNOWN' | 'MALWARE';
  readonly severity?: 'LOW' | 'MEDIUM' | 'HIGH';
  readonly reason?: string;
  readonly detail?: string;
  readonly detections?: readonly {
    readonly category: string;
    readonly type: string;
    readonly count: number;
  }[];
  /** Of findings: whether they may be called false. */
  readonly suppressible?: boolean;
}

export interface Review extends Ballot {
  readonly run: string;
  readonly open: boolean;
  readonly until: string;
  readonly objects: number;
  readonly approval: Approval;
  readonly counts: Readonly<
    Record<'verdicts' | 'severities' | 'types' | 'reasons', Readonly<Record<string, number>>>
  >;
  readonly items: readonly ReviewedObject[];
  /** Page to read on with; absent on the last. */
  readonly next?: number;
}

export interface ObjectDecision {
  readonly number: number;
  readonly decision: Vote['decision'];
  readonly falsePositive: boolean;
}

/** About some objects, or about all that nobody has decided. */
export type ReviewDecision =
  | { readonly reason: string; readonly objects: readonly ObjectDecision[] }
  | { readonly reason: string; readonly decision: Vote['decision'] };

export interface ReviewDecided {
  /** Whether nothing is left to decide. */
  readonly complete: boolean;
  /** Numbers of objects that another person must approve too; `all` for a decision about all. */
  readonly pending: readonly string[];
}

/** What stood in the way of a decision. */
export interface Conflict {
  /** Number of the object, or `all`. */
  readonly object?: string;
  readonly reason: Obstacle | 'findings_unnamed';
  readonly by?: string;
  readonly at?: string;
}
