package io.github.jdropout.backend.cuda;

import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The latest launches of a context: where to look when the driver reports a failure late. */
final class RecentLaunches {
  /** A power of 2. */
  private static final int KEPT = 8;

  private final AtomicReferenceArray<Launch> launches = new AtomicReferenceArray<>(KEPT);
  private final AtomicInteger next = new AtomicInteger();

  private record Launch(String kernel, long elementCount, long stream) {
    @Override
    public String toString() {
      return kernel + " (" + elementCount + " elements, stream 0x" + Long.toHexString(stream) + ")";
    }
  }

  void add(String kernel, long elementCount, long stream) {
    launches.set(next.getAndIncrement() & (KEPT - 1), new Launch(kernel, elementCount, stream));
  }

  /** Returns a sentence, latest first. */
  @Override
  public String toString() {
    StringJoiner latest = new StringJoiner(", ", "This library's latest: ", ".");
    latest.setEmptyValue("This library has launched nothing in it.");
    int newest = next.get() - 1;
    for (int age = 0; age < KEPT; age++) {
      Launch launch = launches.get((newest - age) & (KEPT - 1));
      if (launch != null) {
        latest.add(launch.toString());
      }
    }
    return latest.toString();
  }
}
