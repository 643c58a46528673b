package @PACKAGE@;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The caller is known but must prove more (RFC 9470 section 3). */
public final class StepUpRequiredException extends ProblemException {
  private final transient List<String> acrValues;
  private final Long maxAge;

  StepUpRequiredException(Map<String, Object> problem, List<String> acrValues, Long maxAge) {
    super(401, problem);
    this.acrValues = acrValues;
    this.maxAge = maxAge;
  }

  /** Levels of which one is enough; empty when the challenge names none. */
  public List<String> acrValues() {
    return acrValues;
  }

  /** Seconds for which a sign-in is fresh enough. */
  public OptionalLong maxAge() {
    return maxAge == null ? OptionalLong.empty() : OptionalLong.of(maxAge);
  }
}
