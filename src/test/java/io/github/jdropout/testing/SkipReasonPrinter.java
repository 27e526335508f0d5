package io.github.jdropout.testing;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Prints one line per skipped test with the reason, because Surefire's console summary only counts
 * them. Registered through {@code META-INF/services}.
 */
public final class SkipReasonPrinter implements TestExecutionListener {
  /** Creates the listener. */
  public SkipReasonPrinter() {}

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    print(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      print(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
    }
  }

  private static void print(TestIdentifier test, String reason) {
    System.out.println("SKIPPED " + name(test) + ": " + reason.lines().findFirst().orElse(""));
  }

  private static String name(TestIdentifier test) {
    return switch (test.getSource().orElse(null)) {
      case MethodSource m -> m.getJavaClass().getSimpleName() + "." + test.getDisplayName();
      case ClassSource c -> c.getJavaClass().getSimpleName();
      case null, default -> test.getDisplayName();
    };
  }
}
