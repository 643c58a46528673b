/** Answers that are no success, as errors with a type. */
/** A problem document (RFC 9457); members beyond these are the API's own. */
export interface Problem {
    readonly type: string;
    readonly title: string;
    readonly status: number;
    readonly detail?: string;
    readonly instance?: string;
    readonly [extension: string]: unknown;
}
/** The API answered, and not with success. The message has the title and the status, never what was sent. */
export declare class ProblemError extends Error {
    readonly name: string;
    readonly status: number;
    readonly problem: Problem;
    readonly response: Response;
    constructor(problem: Problem, response: Response);
}
/** What a step-up must reach (RFC 9470 section 3). */
export interface StepUpChallenge {
    /** Levels of which one is enough, as the challenge orders them; empty when it names none. */
    readonly acrValues: readonly string[];
    /** Seconds for which a sign-in is fresh enough. */
    readonly maxAge?: number;
}
/** The caller is known but must prove more: error `insufficient_user_authentication`. */
export declare class StepUpRequiredError extends ProblemError {
    readonly name = "StepUpRequiredError";
    readonly challenge: StepUpChallenge;
    constructor(problem: Problem, response: Response, challenge: StepUpChallenge);
}
/** Reads an answer that is no success; one that is no problem document gets the words of its status. */
export declare function problemOf(response: Response): Promise<ProblemError>;
/** The challenge of a 401 that asks for a step-up; `undefined` for every other answer. */
export declare function stepUpOf(response: Response): StepUpChallenge | undefined;
