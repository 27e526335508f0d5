package io.github.jdropout.testing;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs tests without a build tool: a JVM of its own for other properties, or a machine that has
 * nothing but Java.
 *
 * <p>Usage: {@code java TestRun CLASS…} or {@code CLASS#METHOD}. Ends with 0 if tests ran and none
 * failed, 1 if one failed, and 2 if none ran.
 */
public final class TestRun {
  /** How many failures are printed. */
  private static final int PRINTED = 10;

  private TestRun() {}

  /** Runs the tests of the classes or methods that the arguments name. */
  public static void main(String[] tests) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                Arrays.stream(tests)
                    .map(test ->
                        test.contains("#")
                            ? DiscoverySelectors.selectMethod(test)
                            : DiscoverySelectors.selectClass(test))
                    .toList())
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8), PRINTED);
    System.out.println(
        "Tests run: "
            + summary.getTestsStartedCount()
            + ", Failures: "
            + summary.getTotalFailureCount()
            + ", Skipped: "
            + (summary.getTestsSkippedCount() + summary.getTestsAbortedCount()));
    System.exit(status(summary));
  }

  private static int status(TestExecutionSummary summary) {
    if (summary.getTotalFailureCount() > 0) {
      return 1;
    }
    return summary.getTestsSucceededCount() > 0 ? 0 : 2;
  }
}
