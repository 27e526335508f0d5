package io.github.jdropout.backend.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The binding without the library: handles that record how they are called.
 *
 * <p>A descriptor that differs from the C prototype, or arguments in another order, would compute
 * garbage or crash the JVM, and only where the library is present. Here they are compared with the
 * header's text.
 */
class BindingTest {
  private static final MaskKey KEY = new MaskKey(11, 22);
  private static final double P = 0.25;

  private final Recorder recorder = new Recorder();

  /** Links every symbol to a handle that records its arguments and returns a given result. */
  private static final class Recorder implements Linkage {
    final Map<String, FunctionDescriptor> descriptors = new LinkedHashMap<>();
    final Map<String, Boolean> brief = new HashMap<>();
    final Map<String, Object> results = new HashMap<>();
    final List<List<Object>> calls = new ArrayList<>();

    @Override
    public MethodHandle link(String symbol, FunctionDescriptor descriptor, boolean isBrief)
        throws LibraryException {
      descriptors.put(symbol, descriptor);
      brief.put(symbol, isBrief);
      MethodType type = descriptor.toMethodType();
      try {
        return MethodHandles.lookup()
            .findVirtual(
                Recorder.class,
                "call",
                MethodType.methodType(Object.class, String.class, Object[].class))
            .bindTo(this)
            .bindTo(symbol)
            .asCollector(Object[].class, type.parameterCount())
            .asType(type);
      } catch (ReflectiveOperationException e) {
        throw new LibraryException("cannot link " + symbol, e);
      }
    }

    @SuppressWarnings("UnusedMethod") // Found by name, above.
    Object call(String symbol, Object... arguments) {
      List<Object> call = new ArrayList<>(List.of(symbol));
      call.addAll(Arrays.asList(arguments));
      calls.add(call);
      return results.getOrDefault(symbol, 0);
    }
  }

  private static final class InjectedBackend extends FfmBackend {
    private final LibraryFunctions functions;

    InjectedBackend(LibraryFunctions functions, long streamingBytes) {
      super(new LibraryInfo("portable", "injected", streamingBytes));
      this.functions = functions;
    }

    @Override
    LibraryFunctions functions() {
      return functions;
    }
  }

  private FfmBackend backend(long streamingBytes) throws LibraryException {
    return new InjectedBackend(LibraryFunctions.link(recorder), streamingBytes);
  }

  private LibraryInfo info() throws LibraryException {
    Arena arena = Arena.ofAuto();
    recorder.results.put("jdropout_isa", arena.allocateFrom("avx2"));
    recorder.results.put("jdropout_features", arena.allocateFrom("processor has avx2"));
    recorder.results.put("jdropout_streaming_bytes", 5L);
    return LibraryInfo.ask(recorder);
  }

  @Test
  void descriptorsAreTheHeadersPrototypes() throws Exception {
    LibraryFunctions.link(recorder);
    recorder.results.put("jdropout_abi_version", 2);
    info();
    CHeader header = new CHeader();
    recorder.descriptors.forEach(
        (symbol, descriptor) -> assertEquals(header.functions.get(symbol), descriptor, symbol));
    TreeSet<String> unbound = new TreeSet<>(header.functions.keySet());
    unbound.removeAll(recorder.descriptors.keySet());
    assertTrue(unbound.stream().allMatch(symbol -> symbol.contains("_rows_")), unbound.toString());
    assertEquals(header.functions.size() - 8, recorder.descriptors.size());
  }

  @Test
  void constantsAreTheHeaders() throws Exception {
    Map<String, Integer> constants = new CHeader().constants;
    assertEquals(constants.get("JDROPOUT_ABI_VERSION"), LibraryInfo.ABI_VERSION);
    assertEquals(constants.get("JDROPOUT_CLASSICAL"), LibraryFunctions.CLASSICAL);
    assertEquals(constants.get("JDROPOUT_STREAMING"), LibraryFunctions.STREAMING);
    assertEquals(0, constants.get("JDROPOUT_OK"));
    for (Activation activation : Activation.values()) {
      assertEquals(
          constants.get("JDROPOUT_" + activation.name()), EpilogueFunctions.number(activation));
    }
  }

  @Test
  void onlyShortCallsSkipTheStateSwitch() throws Exception {
    LibraryFunctions.link(recorder);
    recorder.results.put("jdropout_abi_version", 2);
    info();
    recorder.brief.forEach((symbol, isBrief) ->
        assertEquals(
            symbol.matches("jdropout_(forward|apply|scale|epilogue)_.*|jdropout_mask"),
            isBrief,
            symbol));
  }

  @Test
  void argumentsArriveInOrder() throws Exception {
    FfmBackend backend = backend(Long.MAX_VALUE);
    DropoutSpec spec = DropoutSpec.of(P);
    for (ElementType type : ElementType.values()) {
      recorder.calls.clear();
      MemorySegment in = Arena.ofAuto().allocate(24L * type.bytes());
      MemorySegment out = Arena.ofAuto().allocate(24L * type.bytes());
      Elements input = Elements.of(type, in);
      Elements output = Elements.of(type, out);
      PackedMask mask = PackedMask.allocate(24);
      backend.forward(spec, KEY, 33, input, output);
      backend.forward(spec.classical(), KEY, 33, input, output);
      backend.applyMask(spec, mask, input, output);
      backend.scale(0.5, input, output);
      MaskShape shape = MaskShape.sharing(new long[] {2, 3, 4}, 1);
      backend.forwardShared(spec, KEY, shape, 5, input.slice(0, 19), output.slice(0, 19));
      String suffix = "_" + type.label();
      MemorySegment in19 = in.asSlice(0, 19L * type.bytes());
      MemorySegment out19 = out.asSlice(0, 19L * type.bytes());
      assertEquals(
          List.of(
              List.of("jdropout_forward" + suffix, P, 0, 11L, 22L, 33L, in, out, 24L),
              List.of("jdropout_forward" + suffix, P, 1, 11L, 22L, 33L, in, out, 24L),
              List.of("jdropout_apply" + suffix, P, 0, mask.bytes(), 0L, in, out, 24L),
              List.of("jdropout_scale" + suffix, 0.5, 0, in, out, 24L),
              List.<Object>of(
                  "jdropout_forward_shared" + suffix,
                  P,
                  0,
                  11L,
                  22L,
                  0L,
                  2L,
                  3L,
                  4L,
                  5L,
                  in19,
                  out19,
                  19L)),
          recorder.calls);
    }
  }

  @Test
  void maskAndWholeArraysArriveInOrder() throws Exception {
    FfmBackend backend = backend(Long.MAX_VALUE);
    DropoutSpec spec = DropoutSpec.of(P);
    PackedMask mask = PackedMask.allocate(24);
    float[] floats = new float[3];
    double[] doubles = new double[4];
    backend.mask(spec, KEY, 33, mask);
    backend.forward(spec, KEY, floats, floats);
    backend.forward(spec.classical(), KEY, doubles, doubles);
    MemorySegment f32 = MemorySegment.ofArray(floats);
    MemorySegment f64 = MemorySegment.ofArray(doubles);
    assertEquals(
        List.of(
            List.of("jdropout_mask", P, 11L, 22L, 33L, mask.bytes(), 24L),
            List.of("jdropout_forward_f32", P, 0, 11L, 22L, 0L, f32, f32, 3L),
            List.of("jdropout_forward_f64", P, 1, 11L, 22L, 0L, f64, f64, 4L)),
        recorder.calls);
  }

  private FfmEpilogues epilogues(long streamingBytes) throws LibraryException {
    LibraryFunctions functions = LibraryFunctions.link(recorder);
    return new FfmEpilogues(new LibraryInfo("portable", "", streamingBytes)) {
      @Override
      LibraryFunctions functions() {
        return functions;
      }
    };
  }

  private static final Epilogue RULE = new Epilogue(Activation.RELU, 5, 1.5f, KEY, 33, 70);

  private static HostMatrix matrix(Arena arena, ElementType type, long rows, long columns) {
    MatrixShape shape = new MatrixShape(rows, columns, columns + 6);
    return Matrix.of(type, arena.allocate((shape.span() + 3) * type.bytes()), shape);
  }

  @Test
  void epilogueArgumentsArriveInOrder() throws Exception {
    FfmEpilogues epilogues = epilogues(Long.MAX_VALUE);
    Arena arena = Arena.ofAuto();
    for (ElementType type : List.of(ElementType.F32, ElementType.F16, ElementType.BF16)) {
      recorder.calls.clear();
      HostMatrix product = matrix(arena, type, 2, 66);
      HostMatrix residual = matrix(arena, type, 2, 66);
      HostMatrix output = matrix(arena, type, 2, 66);
      HostMatrix sums = Matrix.of(ElementType.F32, arena.allocate(66 * 4), 1, 66);
      Elements bias = Elements.of(type, arena.allocate(66L * type.bytes()));
      MemorySegment signs = arena.allocate(32);
      MemorySegment none = MemorySegment.NULL;
      epilogues.epilogue(RULE, product, bias, residual, output, signs);
      epilogues.epilogueGradient(RULE, residual, null, null, signs, output, sums);
      Epilogue silu = new Epilogue(Activation.SILU, 5, 1.5f, KEY, 33, 70);
      epilogues.epilogue(silu, product, null, null, output, null);
      epilogues.epilogueGradient(silu, residual, product, bias, null, output, null);
      MemorySegment p = memory(product);
      MemorySegment r = memory(residual);
      MemorySegment o = memory(output);
      MemorySegment b = bias.segment();
      MemorySegment s = memory(sums);
      String forward = "jdropout_epilogue_" + type.label();
      String gradient = "jdropout_epilogue_gradient_" + type.label();
      List<Object> relu = List.of(1, 5, 1.5f, 0, 11L, 22L, 33L, 70L);
      List<Object> other = List.of(4, 5, 1.5f, 0, 11L, 22L, 33L, 70L);
      assertEquals(
          List.of(
              call(forward, relu, p, 72L, b, r, 72L, o, 72L, signs, 16L, 2L, 66L),
              call(gradient, relu, r, 72L, none, 0L, none, signs, 16L, o, 72L, s, 66L, 2L, 66L),
              call(forward, other, p, 72L, none, none, 0L, o, 72L, none, 0L, 2L, 66L),
              call(gradient, other, r, 72L, p, 72L, b, none, 0L, o, 72L, none, 0L, 2L, 66L)),
          recorder.calls);
    }
  }

  private static MemorySegment memory(HostMatrix matrix) {
    return matrix.span().segment();
  }

  private static List<Object> call(String symbol, List<Object> rule, Object... operands) {
    List<Object> call = new ArrayList<>(List.of(symbol));
    call.addAll(rule);
    call.addAll(List.of(operands));
    return call;
  }

  @Test
  void longEpiloguesAreSplitAndCoverEveryElementOnce() throws Exception {
    FfmEpilogues epilogues = epilogues(64);
    long limit = FfmBackend.callElements("portable");
    for (long columns : new long[] {1, 1000, limit + 7}) {
      recorder.calls.clear();
      long rows = Math.max(70, 3 * limit / columns);
      try (Arena arena = Arena.ofConfined()) {
        HostMatrix output = matrix(arena, ElementType.F16, rows, columns);
        HostMatrix sums =
            Matrix.of(
                ElementType.F32,
                arena.allocate(Epilogue.groups(rows) * columns * 4),
                Epilogue.groups(rows),
                columns);
        MemorySegment signs = arena.allocate(Epilogue.signBytes(output.shape()));
        epilogues.epilogueGradient(RULE, output, null, null, signs, output, sums);
        long covered = 0;
        for (List<Object> call : recorder.calls) {
          assertEquals(2, call.get(4));
          long at = (address(call.get(18)) - memory(sums).address()) / 4;
          long row = at / columns * 32;
          long column = at % columns;
          assertEquals(RULE.firstIndex() + row * RULE.indexStride() + column, call.get(7));
          assertEquals(0, column % 1024);
          assertEquals(
              memory(output).address() + 2 * (row * (columns + 6) + column), address(call.get(16)));
          assertEquals(
              signs.address() + row * ((columns + 63) / 64 * 8) + column / 8,
              address(call.get(14)));
          long size = number(call.get(20)) * number(call.get(21));
          assertTrue(size <= limit);
          covered += size;
        }
        assertEquals(rows * columns, covered);
      }
    }
  }

  private static long number(Object argument) {
    return assertInstanceOf(Long.class, argument);
  }

  private static long address(Object argument) {
    return assertInstanceOf(MemorySegment.class, argument).address();
  }

  @Test
  void longCallsAreSplitAndCoverEveryElementOnce() throws Exception {
    FfmBackend backend = backend(Long.MAX_VALUE);
    long limit = FfmBackend.callElements("portable");
    long count = 3 * limit + 5;
    // A confined arena's memory is not given to other threads, so the calls come in order.
    try (Arena arena = Arena.ofConfined()) {
      Elements elements = Elements.of(ElementType.F32, arena.allocate(4 * count));
      PackedMask mask = PackedMask.of(arena.allocate(PackedMask.bytesFor(count)), count);
      backend.forward(DropoutSpec.of(P), KEY, 7, elements, elements);
      backend.mask(DropoutSpec.of(P), KEY, 7, mask);
      backend.applyMask(DropoutSpec.of(P), mask, elements, elements);
      long[] at = {0, 0, 0};
      for (List<Object> call : recorder.calls) {
        int kind =
            List.of("jdropout_forward_f32", "jdropout_mask", "jdropout_apply_f32")
                .indexOf(call.get(0));
        long size = assertInstanceOf(Long.class, call.getLast());
        assertTrue(size <= limit);
        long[] indices = {7 + at[0], 7 + at[1], at[2]};
        assertEquals(indices[kind], call.get(kind == 0 ? 5 : 4));
        MemorySegment memory = assertInstanceOf(MemorySegment.class, call.get(kind == 0 ? 6 : 5));
        MemorySegment whole = kind == 1 ? mask.bytes() : elements.segment();
        long bytes = kind == 1 ? at[kind] / 8 : 4 * at[kind];
        assertEquals(whole.address() + bytes, memory.address());
        at[kind] += size;
      }
      assertEquals(List.of(count, count, count), Arrays.stream(at).boxed().toList());
    }
  }

  @Test
  void largeOutputsAreStreamedUnlessInPlace() throws Exception {
    FfmBackend backend = backend(64);
    DropoutSpec spec = DropoutSpec.of(P);
    Elements small = Elements.of(new float[15]);
    Elements large = Elements.of(new float[16]);
    backend.forward(spec, KEY, 0, small, Elements.of(new float[15]));
    backend.forward(spec, KEY, 0, large, Elements.of(new float[16]));
    backend.forward(spec.classical(), KEY, 0, large, Elements.of(new float[16]));
    backend.forward(spec, KEY, 0, large, large);
    backend.scale(2, large, Elements.of(new float[16]));
    assertEquals(
        List.<Object>of(0, 2, 3, 0, 2), recorder.calls.stream().map(call -> call.get(2)).toList());
  }

  @Test
  void failureCarriesTheLibrarysText() throws Exception {
    FfmBackend backend = backend(Long.MAX_VALUE);
    recorder.results.put("jdropout_forward_f32", 1);
    recorder.results.put("jdropout_last_error", Arena.ofAuto().allocateFrom("p is odd"));
    Elements elements = Elements.of(new float[3]);
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () -> backend.forward(DropoutSpec.of(P), KEY, 0, elements, elements));
    assertEquals("libjdropout refused a call (status 1): p is odd", e.getMessage());
  }

  @Test
  void sizesAreCheckedBeforeTheCall() throws Exception {
    LibraryFunctions functions = LibraryFunctions.link(recorder);
    MemorySegment four = MemorySegment.ofArray(new float[4]);
    MemorySegment five = MemorySegment.ofArray(new float[5]);
    MemorySegment bits = MemorySegment.ofArray(new byte[1]);
    List<Runnable> calls =
        List.of(
            () -> functions.f32().forward(P, 0, 1, 2, 0, four, five, 5),
            () -> functions.f32().forward(P, 0, 1, 2, 0, five, four, 5),
            () -> functions.f32().forward(P, 0, 1, 2, 0, five, five, -1),
            () -> functions.f32().forward(P, 0, 1, 2, 0, five, five, Long.MAX_VALUE / 2),
            () -> functions.f64().forward(P, 0, 1, 2, 0, five, five, 3),
            () -> functions.f32().forwardShared(P, 0, 1, 2, 0, 1, 5, 1, 0, four, five, 5),
            () -> functions.f32().apply(P, 0, bits, 4, five, five, 5),
            () -> functions.f32().apply(P, 0, bits, -1, five, five, 5),
            () -> functions.f32().scale(2, 0, five, four, 5),
            () -> functions.mask(P, 1, 2, 0, bits, 9));
    for (Runnable call : calls) {
      assertThrows(IndexOutOfBoundsException.class, call::run);
    }
    MemorySegment readOnly = five.asReadOnly();
    List<Runnable> writes =
        List.of(
            () -> functions.f32().forward(P, 0, 1, 2, 0, five, readOnly, 5),
            () -> functions.f32().forwardShared(P, 0, 1, 2, 0, 1, 5, 1, 0, five, readOnly, 5),
            () -> functions.f32().apply(P, 0, five, 0, five, readOnly, 5),
            () -> functions.f32().scale(2, 0, five, readOnly, 5),
            () -> functions.mask(P, 1, 2, 0, readOnly, 5));
    for (Runnable call : writes) {
      assertThrows(IllegalArgumentException.class, call::run);
    }
    assertEquals(List.of(), recorder.calls);
  }

  @Test
  void anotherAbiVersionIsRefused() {
    recorder.results.put("jdropout_abi_version", 3);
    LibraryException e = assertThrows(LibraryException.class, this::info);
    assertEquals("the native library's ABI version must be 2 but is 3", e.getMessage());
  }

  @Test
  void libraryTellsAboutItself() throws Exception {
    recorder.results.put("jdropout_abi_version", 2);
    assertEquals(new LibraryInfo("avx2", "processor has avx2", 5), info());
  }
}
