package @PACKAGE@;

import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Credentials, retries and typed errors for the generated client. */
public final class Connection {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
  private static final int ATTEMPTS = 3;
  private static final Pattern PARAMETER = Pattern.compile("([\\w-]+)\\s*=\\s*(?:\"([^\"]*)\"|([^\\s,\"]+))");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ApiClient client = new ApiClient();
  private Predicate<StepUpRequiredException> onStepUp = challenge -> false;

  /** @param baseUrl address of the API */
  public Connection(String baseUrl) {
    client.updateBaseUri(baseUrl);
  }

  /** An access token (RFC 6750 section 2.1), asked for with every request. */
  public Connection bearer(Supplier<String> token) {
    return header("Authorization", () -> "Bearer " + token.get());
  }

  /** A key in a header. */
  public Connection apiKey(String header, String key) {
    return header(header, () -> key);
  }

  /** A client certificate: the context holds its key, and the authorities that the server is checked against. */
  public Connection certificate(SSLContext context) {
    client.setHttpClientBuilder(HttpClient.newBuilder().sslContext(context));
    return this;
  }

  /** Brings the caller up when an operation asks for more; true sends the request once again. */
  public Connection onStepUp(Predicate<StepUpRequiredException> handler) {
    onStepUp = handler;
    return this;
  }

  /** What the classes of the API take. */
  public ApiClient client() {
    return client;
  }

  /** An operation of the API. */
  @FunctionalInterface
  public interface Operation<T> {
    T call() throws ApiException;
  }

  /**
   * Calls an operation that may be repeated (GET, PUT, DELETE; RFC 9110 section 9.2.2): after 429 and 503 it is tried
   * again, three times in all. An answer whose Retry-After asks for more than 20 seconds goes to the caller.
   */
  public <T> T callAgain(Operation<T> operation) {
    return call(operation, ATTEMPTS);
  }

  /** Calls an operation once; what is no success is a ProblemException or StepUpRequiredException. */
  public <T> T call(Operation<T> operation) {
    return call(operation, 1);
  }

  private <T> T call(Operation<T> operation, int attempts) {
    boolean steppedUp = false;
    for (int attempt = 1; ; ) {
      try {
        return operation.call();
      } catch (ApiException error) {
        Duration wait = waitOf(error, attempt);
        boolean busy = error.getCode() == 429 || error.getCode() == 503;
        if (busy && attempt < attempts && wait.compareTo(LONGEST_WAIT) <= 0) {
          pause(wait);
          attempt += 1;
          continue;
        }
        ProblemException problem = problemOf(error);
        if (steppedUp || !(problem instanceof StepUpRequiredException)) throw problem;
        if (!onStepUp.test((StepUpRequiredException) problem)) throw problem;
        steppedUp = true;
      }
    }
  }

  private Connection header(String name, Supplier<String> value) {
    var before = client.getRequestInterceptor();
    client.setRequestInterceptor(request -> {
      if (before != null) before.accept(request);
      request.setHeader(name, value.get());
    });
    return this;
  }

  /** Retry-After as seconds or as a date (RFC 9110 section 10.2.3), else 1, 2, 4 seconds. */
  private static Duration waitOf(ApiException error, int attempt) {
    String header = error.getResponseHeaders() == null
        ? "" : error.getResponseHeaders().firstValue("retry-after").orElse("");
    if (header.matches("\\d{1,9}")) return Duration.ofSeconds(Long.parseLong(header));
    try {
      Instant until = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(Instant.now(), until);
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeParseException neither) {
      return Duration.ofSeconds(1L << (attempt - 1));
    }
  }

  private static void pause(Duration wait) {
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting to try again", interrupted);
    }
  }

  private static ProblemException problemOf(ApiException error) {
    Map<String, Object> problem = bodyOf(error);
    if (error.getCode() == 401 && error.getResponseHeaders() != null) {
      String header = String.join(", ", error.getResponseHeaders().allValues("www-authenticate"));
      String acrValues = "";
      String maxAge = "";
      boolean insufficient = false;
      Matcher found = PARAMETER.matcher(header);
      while (found.find()) {
        String value = found.group(2) == null ? found.group(3) : found.group(2);
        switch (found.group(1).toLowerCase()) {
          case "error" -> insufficient = value.equals("insufficient_user_authentication");
          case "acr_values" -> acrValues = value;
          case "max_age" -> maxAge = value;
          default -> { }
        }
      }
      if (insufficient) {
        List<String> levels = acrValues.isBlank() ? List.of() : List.of(acrValues.trim().split(" +"));
        Long seconds = maxAge.matches("\\d{1,18}") ? Long.valueOf(maxAge) : null;
        return new StepUpRequiredException(problem, levels, seconds);
      }
    }
    return new ProblemException(error.getCode(), problem);
  }

  private static Map<String, Object> bodyOf(ApiException error) {
    try {
      String body = error.getResponseBody();
      if (body != null) return JSON.readValue(body, new TypeReference<Map<String, Object>>() {});
    } catch (JsonProcessingException notJson) {
      // no problem document: the status alone is told
    }
    return Map.of("type", "about:blank", "title", "Error", "status", error.getCode());
  }
}
