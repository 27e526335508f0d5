package io.github.jdropout.backend.cuda.jcuda;

import io.github.jdropout.backend.cuda.driver.KernelArguments;
import java.lang.ref.Reference;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * The objects that JCuda wants of a launch, one set for each thread: a launch makes none.
 *
 * <p>The array of the parameters' addresses goes by its own address. A {@code Pointer} to pointers,
 * JCuda's usual way, takes several microseconds to be translated.
 */
final class LaunchObjects {
  private static final ThreadLocal<LaunchObjects> OF_THREAD =
      ThreadLocal.withInitial(LaunchObjects::new);

  private final CUfunction function = new CUfunction();
  private final CUstream stream = new CUstream();
  private final Pointer parameters = new Pointer();

  private LaunchObjects() {}

  static int launch(
      long function, int blocks, int threads, long stream, KernelArguments arguments) {
    LaunchObjects objects = OF_THREAD.get();
    try {
      return JCudaDriver.cuLaunchKernel(
          NativePointers.set(objects.function, function),
          blocks,
          1,
          1,
          threads,
          1,
          1,
          0,
          NativePointers.set(objects.stream, stream),
          NativePointers.set(objects.parameters, arguments.pointers().address()),
          null);
    } catch (CudaException e) {
      return Statuses.thrown(e);
    } finally {
      // JCuda knows only the address: the memory must not be freed before the driver has copied it.
      Reference.reachabilityFence(arguments);
    }
  }
}
