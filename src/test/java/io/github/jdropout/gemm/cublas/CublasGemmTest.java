package io.github.jdropout.gemm.cublas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.backend.cuda.CudaAccess;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaGraph;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.backend.cuda.RawDriver;
import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.Transpose;
import io.github.jdropout.gemm.cublas.library.ColumnMajorCall;
import io.github.jdropout.gemm.cublas.library.CublasLibrary;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import io.github.jdropout.testing.Messages;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When products on a GPU run, where, in whose context and memory, and what errors say. */
class CublasGemmTest {
  private static final long WORKSPACE_BYTES = CublasGemm.MIN_WORKSPACE_BYTES;

  private CudaDevice device;
  private CudaStream stream;
  private DeviceMatrices a;
  private DeviceMatrices b;
  private DeviceMatrices c;

  @BeforeEach
  void cublasIsThere() {
    device = Cublas.device();
    stream = CudaStream.create(device);
    a = DeviceMatrices.filled(device, ElementType.F32, 2, 3, 1);
    b = DeviceMatrices.filled(device, ElementType.F32, 3, 4, 1);
    c = DeviceMatrices.filled(device, ElementType.F32, 2, 4, 1);
  }

  @AfterEach
  void close() {
    if (stream != null) {
      a.close();
      b.close();
      c.close();
      stream.close();
    }
  }

  /** Adds 3 to every element of c. */
  private void add(Gemm gemm) {
    gemm.multiply(1, a.matrix(), Transpose.NO, b.matrix(), Transpose.NO, 1, c.matrix());
  }

  private void assertAll(float value) {
    float[] expected = new float[8];
    Arrays.fill(expected, value);
    assertArrayEquals(expected, c.read());
  }

  private Bytes.OfDevice workspace(DeviceBuffer buffer) {
    return new Bytes.OfDevice(buffer.address(), buffer.byteSize());
  }

  @Test
  void descriptionSaysWhatMultiplies() {
    try (CublasGemm gemm = CublasGemm.open(device, stream.handle())) {
      String binding = System.getProperty("jdropout.cublas.binding", "ffm");
      String how = binding.equals("jcublas") ? "JCublas 12.6.0" : "java.lang.foreign";
      assertTrue(
          gemm.description().matches("cuBLAS \\d+\\.\\d+\\.\\d+ of .* through " + how + ", on .*"),
          gemm.description());
      assertEquals("CublasGemm[" + gemm.description() + "]", gemm.toString());
      assertEquals(device, gemm.device());
      assertEquals(stream.handle(), gemm.stream());
    }
  }

  @Test
  void productsWaitForTheirStreamAndNobodyForThem() {
    RawDriver.assumeOnHost();
    try (CublasGemm gemm = CublasGemm.open(device, stream.handle())) {
      add(gemm);
      add(gemm);
      assertAll(1);
      stream.synchronize();
      assertAll(7);
    }
  }

  @Test
  void graphsRepeatProductsInTheCallersWorkspace() {
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, WORKSPACE_BYTES)) {
      byte[] before = new byte[(int) WORKSPACE_BYTES];
      Arrays.fill(before, (byte) 0x5A);
      buffer.copyFrom(MemorySegment.ofArray(before));
      try (CublasGemm gemm = CublasGemm.open(device, stream.handle(), workspace(buffer));
          CudaGraph graph = stream.capture(() -> add(gemm))) {
        stream.synchronize();
        assertAll(1);
        graph.launch(stream);
        graph.launch(stream);
        stream.synchronize();
        assertAll(7);
        assertWorkspaceIsUsed(buffer, before);
      }
    }
  }

  /** A real one may need none for so small a product. */
  private static void assertWorkspaceIsUsed(DeviceBuffer buffer, byte[] before) {
    byte[] after = new byte[before.length];
    buffer.copyTo(MemorySegment.ofArray(after));
    if (System.getProperty("jdropout.cublas.library") != null) {
      assertFalse(Arrays.equals(before, after), "the workspace is as it was");
    }
  }

  @Test
  void workspacesAreChecked() {
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, WORKSPACE_BYTES + 256)) {
      long address = buffer.address();
      Messages.assertRefused(
          "workspace must have at least 16384 bytes but has 16383",
          () -> CublasGemm.open(device, 0, new Bytes.OfDevice(address, WORKSPACE_BYTES - 1)));
      Messages.assertRefused(
          "workspace must be aligned to 256 bytes but is at 0x" + Long.toHexString(address + 16),
          () -> CublasGemm.open(device, 0, new Bytes.OfDevice(address + 16, WORKSPACE_BYTES)));
      Messages.assertRefused(
          "workspace has 16640 bytes from 0x"
              + Long.toHexString(address + 256)
              + " on but the allocation has only 16384 there",
          () -> CublasGemm.open(device, 0, new Bytes.OfDevice(address + 256, 16640)));
      Messages.assertNullNamed("workspace", () -> CublasGemm.open(0, null));
    }
    assertEquals(
        device.capability() >= 90 ? 32 << 20 : 4 << 20,
        CublasGemm.recommendedWorkspaceBytes(device));
  }

  @Test
  void closedOnesRefuseAndCloseTwice() {
    CublasGemm gemm = CublasGemm.open(device, stream.handle());
    add(gemm);
    gemm.close();
    gemm.close();
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> add(gemm));
    assertEquals("the Gemm has been closed: " + gemm.description(), e.getMessage());
    stream.synchronize();
    assertAll(4);
  }

  @Test
  void handlesAreGivenBack() {
    long before = Cublas.handles();
    CublasGemm gemm = CublasGemm.open(device, stream.handle());
    assertEquals(before + 1, Cublas.handles());
    gemm.close();
    assertEquals(before, Cublas.handles());
  }

  @Test
  void callsMakeTheirOwnContextCurrentAndLeaveTheThreads() {
    try (CublasGemm gemm = CublasGemm.open(device, stream.handle())) {
      long other = RawDriver.createContext(0);
      try {
        add(gemm);
        assertEquals(other, current());
        stream.synchronize();
      } finally {
        RawDriver.destroyContext(other);
      }
      assertAll(4);
    }
  }

  private static long current() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment context = arena.allocate(ValueLayout.JAVA_LONG);
      assertEquals(0, RawDriver.call("cuCtxGetCurrent", context));
      return context.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  @Test
  void currentContextIsTheOneThatIsTaken() {
    long other = RawDriver.createContext(0);
    try (CublasGemm gemm = CublasGemm.open(0)) {
      assertEquals(device, gemm.device());
      Messages.assertRefusedStarting("a is in another context of device 0 ", () -> add(gemm));
    } finally {
      RawDriver.destroyContext(other);
    }
    try (CublasGemm gemm = CublasGemm.open(stream.handle())) {
      add(gemm);
      stream.synchronize();
      assertAll(4);
    }
  }

  @Test
  void memoryOfOtherDevicesIsRefused() {
    List<CudaDevice> devices = CudaSupport.devices();
    assumeTrue(devices.size() > 1, "needs two devices");
    try (CublasGemm gemm = CublasGemm.open(devices.get(1), 0)) {
      assertEquals(devices.get(1), gemm.device());
      Messages.assertRefusedStarting("a is on device 0 but the context is on ", () -> add(gemm));
    }
  }

  @Test
  void memoryIsChecked() {
    try (CublasGemm gemm = CublasGemm.open(device, stream.handle())) {
      DeviceMatrices freed = DeviceMatrices.filled(device, ElementType.F32, 3, 4, 1);
      DeviceMatrix gone = freed.matrix();
      freed.close();
      Messages.assertRefusedStarting(
          "b must be memory of CUDA but 0x",
          () -> gemm.multiply(1, a.matrix(), Transpose.NO, gone, Transpose.NO, 0, c.matrix()));
      DeviceMatrix beyond = Matrix.onDevice(ElementType.F32, c.matrix().address() + 4, 2, 4);
      Messages.assertRefusedStarting(
          "c has 32 bytes from 0x",
          () -> gemm.multiply(1, a.matrix(), Transpose.NO, b.matrix(), Transpose.NO, 0, beyond));
      Matrix host = Matrix.of(ElementType.F32, MemorySegment.ofArray(new float[9]), 3, 3);
      Matrix result = Matrix.of(ElementType.F32, MemorySegment.ofArray(new float[9]), 3, 3);
      Messages.assertRefusedStarting(
          "matrices must be in the memory of a GPU but there is ",
          () -> gemm.multiply(1, host, Transpose.NO, host, Transpose.NO, 0, result));
      stream.synchronize();
      assertAll(1);
    }
  }

  @Test
  void threadsTakeTurns() throws Exception {
    int threads = 6;
    int products = 40;
    try (CublasGemm gemm = CublasGemm.open(device, stream.handle());
        ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> futures = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        futures.add(
            pool.submit(() -> {
              for (int i = 0; i < products; i++) {
                add(gemm);
              }
            }));
      }
      for (Future<?> future : futures) {
        future.get();
      }
      stream.synchronize();
      assertAll(1 + 3 * threads * products);
    }
  }

  @Test
  void failuresAreNamed() {
    RawDriver.assumeOnHost();
    try (CublasGemm gemm = CublasGemm.open(device, stream.handle())) {
      RawDriver.fail("cublasGemmEx", 1, 13);
      CublasException e = assertThrows(CublasException.class, () -> add(gemm));
      assertEquals(
          "cublasGemmEx failed: CUBLAS_STATUS_EXECUTION_FAILED (13); f32 product to f32: a [2 x 3],"
              + " b [3 x 4], c [2 x 4], leading dimensions 3, 4 and 4, stream 0x"
              + Long.toHexString(stream.handle()),
          e.getMessage());
      assertEquals(13, e.status());
      add(gemm);
      stream.synchronize();
      assertAll(4);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cublasCreate, cublasCreate_v2, 3, CUBLAS_STATUS_ALLOC_FAILED",
    "cublasSetStream, cublasSetStream_v2, 1, CUBLAS_STATUS_NOT_INITIALIZED",
    "cublasSetWorkspace, cublasSetWorkspace_v2, 7, CUBLAS_STATUS_INVALID_VALUE",
    "cublasSetMathMode, cublasSetMathMode, 99, unknown status",
  })
  void failuresToOpenAreNamedAndLeaveNothing(
      String call, String function, int status, String name) {
    RawDriver.assumeOnHost();
    long before = Cublas.handles();
    try (DeviceBuffer buffer = DeviceBuffer.allocate(device, WORKSPACE_BYTES)) {
      RawDriver.fail(function, 1, status);
      CublasException e =
          assertThrows(CublasException.class, () -> CublasGemm.open(device, 0, workspace(buffer)));
      String start = call + " failed: " + name + " (" + status + "); on " + device;
      assertTrue(e.getMessage().startsWith(start), e.getMessage());
      assertEquals(status, e.status());
    }
    assertEquals(before, Cublas.handles());
  }

  @Test
  void pageShowsTheExampleThatIsRun() throws IOException {
    try (DeviceMatrices transposed = DeviceMatrices.filled(device, ElementType.F32, 4, 3, 1)) {
      ProductExample.multiply(device, a.matrix(), transposed.matrix(), c.matrix());
      assertAll(3);
    }
    Path page = Path.of("docs/layers.md");
    assumeTrue(Files.exists(page), "only a checkout has " + page);
    String example =
        Files.readString(
            Path.of("src/test/java/io/github/jdropout/gemm/cublas/ProductExample.java"));
    String body =
        example.substring(
            example.indexOf("  static "), example.indexOf("\n  private ProductExample()"));
    assertTrue(
        Files.readString(page)
            .contains("```java\n" + body.stripTrailing().stripIndent() + "\n```\n"),
        body);
  }

  /** As cuBLAS 11 is. */
  @Test
  void sizesThatAnOldOneDoesNotTakeAreNamed() {
    MatrixShape wide = new MatrixShape(1, 3, 1L << 31);
    try (CublasGemm gemm =
        CublasGemm.open(new Narrow(), CudaAccess.primary(device), stream.handle(), null)) {
      DeviceMatrix left = new DeviceMatrix(a.matrix().elements(), wide);
      DeviceMatrix result = c.matrix().rows(0, 1);
      Messages.assertRefused(
          "rows, columns and row strides must be less than 2^31 with an old one: f32 product to"
              + " f32: a [1 x 3], b [3 x 4], c [1 x 4], leading dimensions 2147483648, 4 and 4",
          () -> gemm.multiply(1, left, Transpose.NO, b.matrix(), Transpose.NO, 0, result));
    }
  }

  /** Has no functions with sizes of 64 bits, and does nothing. */
  private static final class Narrow implements CublasLibrary {
    @Override
    public String description() {
      return "an old one";
    }

    @Override
    public boolean takesWideSizes() {
      return false;
    }

    @Override
    public int create(long[] handle) {
      return 0;
    }

    @Override
    public int destroy(long handle) {
      return 0;
    }

    @Override
    public int setStream(long handle, long stream) {
      return 0;
    }

    @Override
    public int setWorkspace(long handle, long address, long byteSize) {
      return 0;
    }

    @Override
    public int setMathMode(long handle, int mode) {
      return 0;
    }

    @Override
    public int multiply(long handle, ColumnMajorCall call, MemorySegment scalars) {
      return 0;
    }
  }
}
