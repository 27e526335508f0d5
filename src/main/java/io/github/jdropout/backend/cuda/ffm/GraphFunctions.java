package io.github.jdropout.backend.cuda.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.lang.invoke.MethodHandle;

/**
 * Graphs: recorded work.
 *
 * @param beginCapture {@code cuStreamBeginCapture_v2}
 * @param endCapture {@code cuStreamEndCapture}
 * @param instantiate {@code cuGraphInstantiateWithFlags}, which drivers before 11.4 lack
 * @param launch {@code cuGraphLaunch}
 * @param destroyExecutable {@code cuGraphExecDestroy}
 * @param destroy {@code cuGraphDestroy}
 */
record GraphFunctions(
    MethodHandle beginCapture,
    MethodHandle endCapture,
    MethodHandle instantiate,
    MethodHandle launch,
    MethodHandle destroyExecutable,
    MethodHandle destroy) {
  static GraphFunctions link(DriverLinkage linkage) throws BindingException {
    return new GraphFunctions(
        linkage.link("cuStreamBeginCapture_v2", JAVA_LONG, JAVA_INT),
        linkage.link("cuStreamEndCapture", JAVA_LONG, ADDRESS),
        linkage.linkOptional("cuGraphInstantiateWithFlags", ADDRESS, JAVA_LONG, JAVA_LONG),
        linkage.link("cuGraphLaunch", JAVA_LONG, JAVA_LONG),
        linkage.link("cuGraphExecDestroy", JAVA_LONG),
        linkage.link("cuGraphDestroy", JAVA_LONG));
  }
}
