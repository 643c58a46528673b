package @PACKAGE@;

import java.util.Map;

/** The API answered, and not with success (RFC 9457). The message never has what was sent. */
public class ProblemException extends RuntimeException {
  private final int status;
  private final transient Map<String, Object> problem;

  ProblemException(int status, Map<String, Object> problem) {
    super(problem.getOrDefault("title", "Error") + " (" + status + ")");
    this.status = status;
    this.problem = problem;
  }

  public int status() {
    return status;
  }

  /** Members of the problem document. */
  public Map<String, Object> problem() {
    return problem;
  }
}
