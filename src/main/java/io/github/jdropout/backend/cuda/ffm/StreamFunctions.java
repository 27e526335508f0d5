package io.github.jdropout.backend.cuda.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.lang.invoke.MethodHandle;

/**
 * Streams and events.
 *
 * @param create {@code cuStreamCreate}
 * @param destroy {@code cuStreamDestroy_v2}
 * @param synchronize {@code cuStreamSynchronize}
 * @param awaitEvent {@code cuStreamWaitEvent}
 * @param createEvent {@code cuEventCreate}
 * @param destroyEvent {@code cuEventDestroy_v2}
 * @param recordEvent {@code cuEventRecord}
 * @param synchronizeEvent {@code cuEventSynchronize}
 * @param elapsedTime {@code cuEventElapsedTime}
 */
record StreamFunctions(
    MethodHandle create,
    MethodHandle destroy,
    MethodHandle synchronize,
    MethodHandle awaitEvent,
    MethodHandle createEvent,
    MethodHandle destroyEvent,
    MethodHandle recordEvent,
    MethodHandle synchronizeEvent,
    MethodHandle elapsedTime) {
  static StreamFunctions link(DriverLinkage linkage) throws BindingException {
    return new StreamFunctions(
        linkage.link("cuStreamCreate", ADDRESS, JAVA_INT),
        linkage.link("cuStreamDestroy_v2", JAVA_LONG),
        linkage.link("cuStreamSynchronize", JAVA_LONG),
        linkage.link("cuStreamWaitEvent", JAVA_LONG, JAVA_LONG, JAVA_INT),
        linkage.link("cuEventCreate", ADDRESS, JAVA_INT),
        linkage.link("cuEventDestroy_v2", JAVA_LONG),
        linkage.link("cuEventRecord", JAVA_LONG, JAVA_LONG),
        linkage.link("cuEventSynchronize", JAVA_LONG),
        linkage.link("cuEventElapsedTime", ADDRESS, JAVA_LONG, JAVA_LONG));
  }
}
