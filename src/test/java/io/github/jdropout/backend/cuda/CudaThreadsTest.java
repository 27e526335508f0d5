package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.testing.Backends;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many threads at once, on host arrays and on device memory. */
class CudaThreadsTest {
  private static final int COUNT = 700;
  private static final int KEYS = 8;
  private static final DropoutSpec SPEC = DropoutSpec.of(0.3);
  private static final List<float[]> EXPECTED =
      IntStream.range(0, KEYS).mapToObj(i -> Floats.dropped(SPEC, key(i), COUNT)).toList();

  private CudaDevice device;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
  }

  private static MaskKey key(int i) {
    return new MaskKey(77, i % KEYS);
  }

  @Test
  void virtualThreads() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertEquals(4000, run(threads, 2000));
    }
  }

  @Test
  void platformThreads() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      assertEquals(800, run(threads, 400));
    }
  }

  /** Runs a call on the host's memory and one on the device's for each task. */
  private int run(ExecutorService threads, int tasks)
      throws InterruptedException, ExecutionException {
    Dropout dropout = Dropout.of(SPEC, BackendId.CUDA);
    CudaDropout onDevice = CudaDropout.of(SPEC);
    List<Future<?>> futures = new ArrayList<>();
    for (int task = 0; task < tasks; task++) {
      int i = task;
      futures.add(threads.submit(() -> checkOnHost(dropout, i)));
      futures.add(threads.submit(() -> checkOnDevice(onDevice, i)));
    }
    for (Future<?> future : futures) {
      future.get();
    }
    return futures.size();
  }

  private static void checkOnHost(Dropout dropout, int i) {
    float[] output = new float[COUNT];
    dropout.forward(Floats.counting(COUNT), output, key(i));
    assertArrayEquals(EXPECTED.get(i % KEYS), output);
  }

  private void checkOnDevice(CudaDropout dropout, int i) {
    try (CudaStream stream = CudaStream.create(device);
        Floats cells = Floats.counting(device, COUNT)) {
      dropout.forward(cells.elements(), cells.elements(), key(i), 0, stream.handle());
      stream.synchronize();
      assertArrayEquals(EXPECTED.get(i % KEYS), cells.values());
    }
  }

  /** All at once load the kernels of contexts that have none yet. */
  @Test
  void threadsThatFirstMeetAContextLoadItsKernelsOnce() throws Exception {
    RawDriver.assumeOnHost();
    long before = RawDriver.count("modules");
    long handle = RawDriver.createContext(0);
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      CountDownLatch start = new CountDownLatch(8);
      Callable<CudaContext> meet =
          () -> {
            assertEquals(0, CudaSupport.cuda().driver().pushContext(handle));
            try {
              start.countDown();
              start.await();
              CudaDropout.of(SPEC).prepare(ElementType.F32);
              return CudaSupport.cuda().current();
            } finally {
              CudaSupport.cuda().driver().popContext();
            }
          };
      List<Future<CudaContext>> met =
          threads.invokeAll(IntStream.range(0, 8).mapToObj(_ -> meet).toList());
      for (Future<CudaContext> context : met) {
        assertEquals(met.getFirst().get(), context.get());
      }
      assertEquals(Operator.ofDropout().size(), RawDriver.count("modules") - before);
    } finally {
      RawDriver.destroyContext(handle);
    }
  }
}
