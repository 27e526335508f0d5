package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The kernels with deliberate mistakes, one of which an environment variable turns on. So all of
 * them are compiled once.
 */
final class KernelMutants {
  /** Environment variable: the number of the mistake; 0 for none. */
  static final String VARIABLE = "KERNEL_MUTANT";

  private static final Path SOURCES = Path.of("cuda");

  /** What is right, then what is wrong instead, in double braces. */
  private static final Pattern ALTERNATIVES = Pattern.compile("\\{\\{(.*)}}", Pattern.DOTALL);

  private static final String DECLARATION =
      "extern \"C\" int kernel_mutant(); /* which mistake is on */\n";

  /** Looks at the environment once; not seen by the check of accesses. */
  private static final String DEFINITION =
      """

      #include <cstdlib>
      static const int mutant_of_environment = std::atoi(std::getenv("%s"));
      extern "C" __attribute__((no_sanitize("thread"))) int kernel_mutant() {
        return mutant_of_environment;
      }
      """
          .formatted(VARIABLE);

  private final Map<String, String> files = new LinkedHashMap<>();
  private final List<Mutant> mutants = new ArrayList<>();

  /**
   * One mistake.
   *
   * @param number what the variable must be
   * @param isUsual whether every build tries it
   */
  record Mutant(int number, boolean isUsual, String file, String change) {
    @Override
    public String toString() {
      return number + " " + file + ": " + change.replaceAll("\\s+", " ").strip();
    }
  }

  KernelMutants() throws IOException {
    try (Stream<Path> sources = Files.list(SOURCES)) {
      for (Path source : sources.sorted().toList()) {
        files.put(source.getFileName().toString(), Files.readString(source));
      }
    }
    decisions();
    philox();
    exchange();
    tiles();
    edges();
    operators();
    masks();
    sharing();
    elements();
    layers();
    octets();
    activations();
    epilogues();
    epilogueGradients();
    columnSums();
    products();
    for (Map.Entry<String, String> file : files.entrySet()) {
      file.setValue(DECLARATION + file.getValue());
    }
    files.merge("dropout_stream.cu", DEFINITION, String::concat);
  }

  List<Mutant> all() {
    return List.copyOf(mutants);
  }

  /** Writes the sources; what has not changed keeps its time, so that nothing is built again. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path target = folder.resolve(file.getKey());
      if (!Files.exists(target) || !Files.readString(target).equals(file.getValue())) {
        Files.writeString(target, file.getValue());
      }
    }
  }

  private void usual(String file, String change) {
    add(true, file, change);
  }

  private void other(String file, String change) {
    add(false, file, change);
  }

  /** Adds what stands in braces after the first arrow, and further arrows. */
  private void add(boolean isUsual, String file, String change) {
    Matcher matcher = ALTERNATIVES.matcher(change);
    assertTrue(matcher.find(), change);
    String[] alternatives = matcher.group(1).split(" => ", -1);
    assertTrue(alternatives.length > 1, change);
    StringBuilder choice = new StringBuilder("(");
    for (int i = 1; i < alternatives.length; i++) {
      mutants.add(
          new Mutant(
              mutants.size() + 1,
              isUsual && i == 1,
              file,
              matcher.replaceFirst(
                  Matcher.quoteReplacement(alternatives[0] + " => " + alternatives[i]))));
      choice.append("kernel_mutant() == %d ? (%s) : ".formatted(mutants.size(), alternatives[i]));
    }
    choice.append('(').append(alternatives[0]).append("))");
    String before = matcher.replaceFirst(Matcher.quoteReplacement(alternatives[0]));
    String after = matcher.replaceFirst(Matcher.quoteReplacement(choice.toString()));
    String source = files.get(file);
    assertEquals(2, source.split(Pattern.quote(before), -1).length, file + ": " + before);
    files.put(file, source.replace(before, after));
  }

  private void decisions() {
    String file = "keep.cuh";
    usual(
        file,
        "return {{(word << 16) < threshold => (word << 15) < threshold"
            + " => (word << 16) <= threshold => (word << 16) < threshold - 0x10000u}};");
    other(file, "return {{word < threshold => (word >> 1) < threshold}};");
    other(file, "1u << {{(2 * word) => (2 * word + 1)}} : 0u");
    other(file, "2u << {{(2 * word) => (6 - 2 * word)}} : 0u");
  }

  private void philox() {
    String file = "philox.cuh";
    other(file, "k0 += {{JDROPOUT_PHILOX_W0 => JDROPOUT_PHILOX_W1}};");
    other(file, "schedule.word[{{2 * round + 1 => 2 * round}}] = k1;");
    other(file, "schedule.word[{{0 => 1}}] ^= static_cast<uint32_t>(product >> 32);");
    other(file, "schedule.word[1] ^= static_cast<uint32_t>(stream >> {{32 => 0 => 33}});");
    other(file, "schedule.word[{{2 => 3}}] ^= static_cast<uint32_t>(product);");
    other(file, "return expand_key(key[0], key[{{1 => 0}}]);");
    other(file, "uint32_t c0 = static_cast<uint32_t>(index >> {{32 => 31 => 0}})");
    other(file, "for (int round = {{1 => 2}}; round");
    usual(file, "^ c1 ^ schedule.word[{{2 * round => 2 * round + 1 => 2 * round - 2}}];");
    other(file, "c3 = static_cast<uint32_t>({{product0 => product1}});");
    other(file, "static_cast<uint64_t>({{JDROPOUT_PHILOX_M0 => JDROPOUT_PHILOX_M1}}) * c0;");
  }

  private void exchange() {
    String file = "exchange.cuh";
    other(file, "return {{16 * (lane & 1) + (lane >> 1) => 16 * (lane >> 4) + (lane & 15)}};");
    other(file, "is_odd ? lower : upper, {{1 => 2}});");
    usual(file, "words[0][word] = {{is_odd ? received : lower => is_odd ? lower : received}};");
    other(file, "return {{8 * (lane & 3) + (lane >> 2) => 8 * (lane >> 3) + (lane & 7)}};");
    other(file, "const bool is_upper = (lane & {{2 => 1}}) != 0;");
    other(file, "words[word + 2][0] = {{is_upper ? upper : received => received}};");
    other(file, ">> ({{element % 8 => element % 4}});");
    other(file, "({{WARP => 16}} * static_cast<uint32_t>(access) + lane)");
  }

  private void tiles() {
    String file = "tile.cuh";
    other(file, "(8 * sizeof(typename Element::Storage)) + 16 * {{lane => (lane ^ 1)}};");
    other(file, "(address + {{16 * WARP * access => 16 * (WARP * access + (access & 1))}});");
    other(file, "+ {{threadIdx.x / WARP => 0}};");
    other(file, "range.begin != 0 ? {{1 => 0}} : 0;");
    other(file, "span < end_span; span += {{warps => warps + 1}})");
    other(file, "? first_span * {{Element::QUADS => 1}} : 0;");
    other(file, "(range.end + TILE - {{1 => TILE}}) / TILE");
    other(file, "edge < edges; edge += {{warps => warps + 1}})");
    other(file, "edge : edge + {{inside => inside + 1}})");
    other(file, "bits(8 * (first_quad + WARP * quad + {{lane => (lane ^ 1)}}))");
    other(file, "& 0xFF) << ({{8 * quad => 0}});");
    other(file, "own = octets >> ({{8 * quad => 4 * quad}});");
    other(file, "store(address + {{16 * WARP * access => 16 * (WARP * access + (access & 1))}},");
    other(file, "keeps = [&](int element) { return (decided >> {{element => (element ^ 1)}} & 1)");
  }

  private void edges() {
    String file = "tile.cuh";
    usual(
        file,
        """
        if ({{element >= range.begin && element < range.end\
         => element >= range.begin && element <= range.end\
         => element + 1 >= range.begin && element < range.end}}) {
              values[row] = load\
        """);
    other(
        file,
        """
        if ({{element >= range.begin && element < range.end\
         => element >= range.begin && element <= range.end\
         => element + 1 >= range.begin && element < range.end\
         => element > range.begin && element < range.end}}) {
              const bool\
        """);
    other(file, "static_cast<int>(4 * row + lane / {{8 => 4}})");
    other(file, "octet >> (lane % {{8 => 4}}) & 1");
    other(file, "store(output_at<Element>(range, {{element => element ^ 1}})");
    other(file, "bits(at + 8 * {{lane => (lane ^ 1)}});");
  }

  private void operators() {
    String file = "dropout_forward.cu";
    other(file, "first_quad + tile + {{Trade::drawn_quad(lane) => lane}})");
    other(file, "return element % 2 == {{0 => 1}} ? keeps_lower");
    other(file, "first_quad + element / {{8 => 4}})");
    usual(file, "store(address + {{16 * WARP * access => 16 * (WARP * access + (access & 1))}},");
    other(file, "words[access][{{element / 2 => 0}}];");
    other("dropout_scale.cu", "return {{0xFFu => 0x7Fu}};");
    other("dropout_stream.cu", "arguments.key[{{1 => 0}}] += ");
    other("dropout_stream.cu", "+= {{arguments.increment => 1}};");
    file = "dropout_apply.cu";
    other(file, "mask.first_bit + ({{begin - range.begin => element - range.begin}});");
    other(file, "if ({{last / 8 != bit / 8 => false}})");
    other(file, "load<uint8_t>(mask.bytes + {{bit / 8 => bit / 8 + 1}})");
    other(file, "<< static_cast<uint32_t>({{begin - element => 0}});");
    other(file, "end = {{element + 8 < range.end ? element + 8 : range.end => element + 8}};");
    other(file, "mask.bytes + {{last / 8 => last / 8 + 1}}");
  }

  private void masks() {
    String file = "dropout_mask.cu";
    other(file, "if (output.first_lane != {{0 => 1}})");
    usual(file, "bits >> {{output.first_lane => 0 => (output.first_lane & 3)}}");
    other(file, "0xFFFFFFFFu >> {{(BITS - count) => 0}};");
    other(file, "if ({{rest >= BITS => rest + 8 > BITS}} && output.is_aligned");
    other(file, "(output.element_count + BITS - {{1 => BITS}}) / BITS");
    other(file, "first_quad + word * {{(BITS / 8) => (BITS / 4)}};");
    other(file, "word < words; word += {{step => step + 1}})");
    other(file, "{{8 * octet < count => 8 * octet <= count}}; octet++");
    other(file, "draw_quad(schedule, quad + {{BITS / 8 => BITS / 8 - 1}})");
    other(file, "output.bytes + word * ({{BITS / 8 => BITS / 4}});");
  }

  private void sharing() {
    String file = "dropout_shared.cu";
    other(file, "sharing.first_index + ({{begin - range.begin => begin}});");
    other(file, "<< static_cast<uint32_t>({{begin - element => 0}});");
    file = "sharing.cuh";
    other(file, "if (run % 2 == {{0 => 1}})");
    other(file, "stride *= {{sharing.outer[run].value => 1}};");
    other(file, "if (lane + count > {{8 => 9}})");
    other(file, "<< ({{8 - lane => 7 - lane}});");
    other(file, "& ((1u << {{count => (count - 1)}}) - 1);");
    other(file, "if ({{!is_drawn_ || index != drawn_ => !is_drawn_}})");
    other(file, "? sharing.shared.value - {{repeat => 0}} : ");
    usual(file, "drawn.neighbours(row, 1) * ((1u << {{stretch => (stretch - 1)}}) - 1);");
    other(file, "in_row = {{0 => 1}};");
    other(file, "      row = mask_row(sharing, {{position => position + 1}})");
    other(file, "drawn.neighbours(row + {{in_row => 0}}, stretch)");
    other(file, "bits |= decided << {{done => 0}};");
    file = "divisor.cuh";
    other(file, ">> {{shift => (shift + 1)}};");
    other(file, "(dividend, {{divisor.magic => divisor.magic - 1}})");
    other(file, "dividend - quotient * {{divisor.value => (divisor.value - 1)}}");
  }

  private void elements() {
    String file = "element.cuh";
    other(
        file,
        "return {{keeps ? scaled : 0.0f => keeps ? scaled : -0.0f"
            + " => scaled * (keeps ? 1.0f : 0.0f) => keeps ? scaled : value}};");
    other(
        file,
        "const double scaled = value * "
            + "{{scale => static_cast<double>(static_cast<float>(scale))}};");
    other(file, "return {{keeps ? scaled : 0.0 => keeps ? scaled : -0.0}};");
    other(file, "(static_cast<unsigned short>(pair >> {{16 => 0}}))");
    other(file, "__uint_as_float(pair & {{0xFFFF0000u => 0xFFFE0000u => 0xFFFFFFFFu}});");
    other(file, "keeps(4), keeps({{5 => 4}})");
    other(file, "drop(values.w, scale, keeps({{3 => 2}})));");
    other(file, "drop(values.y, scale, keeps({{1 => 0}})));");
    other(file, "return static_cast<Storage>(drop_pair({{value => value ^ 1u}},");
  }

  private void layers() {
    String file = "layer.cuh";
    usual(
        file,
        "quad.word[word] = __funnelshift_r(lanes[word], lanes[word + 1], "
            + "16 * {{(lane & 1) => 0}});");
    other(file, "own = draw_quad(schedule, {{at => at + 1}});");
    other(file, "return {{lane == 0 => true}} ? own : shifted(");
    other(file, "(lane & {{4 => 2}}) != 0 ? lanes[word + 2]");
    other(file, "(lane & 2) != 0 ? {{lanes[word + 1] => lanes[word + 2]}}");
    other(file, "lanes[word + 4] = {{next => own}}.word[word];");
    other(file, "if ({{layer.is_random == 0 => layer.is_random != 0}})");
    other(file, "index = first_quad + element / {{8 => 4}};");
    other(file, "return {{layer.first_lane => 0}} + row *");
    other(file, "+ row * {{layer.index_stride => layer.columns}} + 8 *");
    other(file, "const uint32_t count = rest < {{8 => 7}} ?");
    other(file, "count == 8 && {{layer.is_vector != 0 => true}}");
    other(file, "({{(layer.rows + tile_rows - 1) => layer.rows}} / tile_rows);");
    other(file, "index < tiles; index += {{gridDim.x => gridDim.x + 1}})");
    other(file, "if (layer.rows - tile.first_row < {{tile_rows => tile_rows - 1}})");
    other(file, "below < tile.rows ? {{tile.rows - below => tile.rows}} : 0");
    other(file, "row * matrix.row_bytes + columns.octet * {{octet_bytes => 8}};");
    other(file, "offset = columns.octet * ({{8 => 4}} * sizeof(");
    other(file, "{{values[j] = wide[j] + values[j] => values[j] = wide[j]}};");
  }

  private void octets() {
    String file = "octet.cuh";
    usual(file, "static_cast<unsigned short>(pairs[j / 2] >> ({{j % 2 * 16 => 0}})));");
    other(file, "octet.values[j] = {{j < count => j + 1 < count}} ?");
    other(file, "lower.w, {{upper.x => lower.x}}, upper.y, upper.z");
    other(file, "make_float4(values[4], values[5], values[6], values[{{7 => 3}}]));");
    other(file, "jdropout::store(address + sizeof(float) * {{j => (j ^ 1)}}, values[j]);");
    other(file, "words.x, words.y, words.z, {{words.w => words.z}}");
    other(file, "load_one(address, {{2 * pair + 1 => 2 * pair}}, count) << 16;");
    other(file, "make_uint4(pairs[0], pairs[1], pairs[{{2 => 3}}], pairs[3])");
    other(
        file, "wide[2 * pair + 1] = {{Format::upper(pairs[pair]) => Format::lower(pairs[pair])}};");
    other(file, "Format::pack(wide[2 * pair], wide[{{2 * pair + 1 => 2 * pair}}]);");
    other(file, "return {{j < count => j <= count}} ? jdropout::load<unsigned short>");
  }

  private void activations() {
    String file = "activation.cuh";
    usual(
        file,
        "bits |= {{values[j] <= 0.0f ? 0u : 1u << j"
            + " => values[j] > 0.0f ? 1u << j : 0u => values[j] < 0.0f ? 0u : 1u << j}};");
    other(file, "if ({{activation == RELU => activation <= RELU}}) {");
    other(file, "return {{jdropout_gelu(z) => jdropout_gelu_tanh(z)}};");
    other(file, "return {{jdropout_silu(z) => jdropout_gelu(z)}};");
    other(file, "return {{jdropout_gelu_derivative(z) => jdropout_gelu_tanh_derivative(z)}};");
    other(file, "return {{jdropout_silu_derivative(z) => jdropout_gelu_derivative(z)}};");
  }

  private void epilogues() {
    String file = "dropout_epilogue.cu";
    usual(file, "element += {{layer.index_step => layer.index_stride}};");
    other(file, "has_next = rows > {{layer.step => layer.step + 1 => layer.step - 1}};");
    other(file, "product += {{arguments.product.step_bytes => arguments.product.row_bytes}};");
    other(file, "residual += {{arguments.residual.step_bytes => arguments.product.step_bytes}};");
    other(file, "output += {{arguments.output.step_bytes => arguments.product.step_bytes}};");
    other(file, "signs += {{arguments.signs.step_bytes => arguments.signs.row_bytes}};");
    other(file, "columns.octet < {{arguments.signs.row_bytes => 0}};");
    other(file, "decisions.keeps(words, {{j => j ^ 1}}));");
    other(file, "F32::drop(values[j], {{layer.factor => 1.0f}}, ");
    other(file, "uint32_t rows = {{place.rows => place.rows - 1}};");
    other(
        file,
        "if ({{arguments.residual.start != nullptr => arguments.bias != nullptr}}) {"
            + "\n      add(added, values);");
  }

  private void epilogueGradients() {
    String file = "dropout_epilogue_gradient.cu";
    usual(file, "row = 0; row < {{tile.rows => GROUP_ROWS => tile.rows - 1}}; row++)");
    other(file, "float sum = {{0.0f => -0.0f}};");
    other(file, "return 8 * octet + {{place / (TILE_COLUMNS / 2) * 4 => 0}} + place % 4;");
    other(file, "place < TILE_COLUMNS; place += {{blockDim.x => blockDim.x + 1}})");
    other(file, "if ({{column < layer.columns => column <= layer.columns}})");
    other(file, "const Gradients &gradients) {\n  {{__syncthreads() => static_cast<void>(0)}};");
    other(file, "until these have been read. */\n  {{__syncthreads() => static_cast<void>(0)}};");
    other(file, "if ({{layer.activation > RELU => layer.activation > GELU}}) {\n      factor =");
    other(file, "if ({{layer.activation > RELU => layer.activation > GELU}}) {\n      float");
    other(file, "if ({{layer.activation == RELU => layer.activation == RELU && rows > 1}}) {");
    other(file, "(sign >> {{j => (j ^ 1)}} & 1) != 0;");
    other(file, "passes = {{decisions.keeps(words, j) => true}} && ");
    other(file, "values[j] = values[j] * {{layer.factor => 1.0f}};");
    other(file, "values[j] = values[j] * {{derivatives[j] => 1.0f}};");
    other(file, "if ({{arguments.bias != nullptr => false}}) {");
    other(file, "has_next = rows > {{layer.step => layer.step + 1}};");
    other(file, "row += {{layer.step => 1}};");
    other(file, "element += {{layer.index_step => layer.index_stride}};");
    other(file, "product += {{arguments.product.step_bytes => arguments.grad_output.step_bytes}};");
    other(file, "signs += {{arguments.signs.step_bytes => arguments.signs.row_bytes}};");
    other(
        file,
        "grad_product += "
            + "{{arguments.grad_product.step_bytes => arguments.grad_output.step_bytes}};");
  }

  private void columnSums() {
    String file = "dropout_column_sums.cu";
    usual(file, "(first_row + group * {{GROUP => (GROUP - 1)}})");
    other(file, "at_most_group(rest - {{group * GROUP => 0}})");
    other(file, "values[0] = {{old[0] + sum => sum}};");
    other(file, "return static_cast<uint32_t>({{count < GROUP ? count : GROUP => count}});");
    other(file, "(rest + GROUP - {{1 => GROUP}}) / GROUP);");
    other(file, "(arguments.rows + GROUP * GROUP - {{1 => GROUP * GROUP}}) /");
    other(file, "if ({{column < arguments.columns => column <= arguments.columns}}) {");
    other(file, "threadIdx.x < WARP && {{column < arguments.columns => true}})");
    other(file, "group < groups; group += {{warps => warps + 1}})");
    other(file, "{{arguments.rows == 1 => false}} ? load<float>(first)");
    other(file, "{{groups == 1 => false}} ? sums[0][lane]");
    other(file, "offset = place.quotient * {{arguments.columns => 1}} + column;");
    other(file, "sums[GROUP][WARP];\n  const uint32_t lane = {{threadIdx.x % WARP => 0}};");
    other(
        file,
        "      }\n    }\n    {{__syncthreads() => static_cast<void>(0)}};\n    if (threadIdx.x");
    other(file, "until these have been read. */\n    {{__syncthreads() => static_cast<void>(0)}};");
  }

  private void products() {
    String file = "product.cuh";
    usual(file, "decisions.keeps(words, {{2 * pair => 2 * pair + 1}}))");
    other(file, "{{row < arguments.weight_rows => row <= arguments.weight_rows}} && columns");
    other(file, "&& {{columns.count != 0 => true}}\n");
    other(file, "rest < distance * {{most => (most - 1)}}");
    other(file, "(static_cast<uint32_t>(rest) + {{distance - 1 => 0}}) / distance");
    other(file, "stride = {{distance => 1}} * layer.index_stride;");
    other(file, "if ({{count == COUNT => count != 0}} && ");
    other(file, "{{layer.is_random != 0 => true}} && layer.first_lane == 0");
    other(file, "&& {{layer.first_lane == 0 => true}} &&");
    other(file, "{{layer.index_stride % 8 == 0 => true}}) {");
    other(file, "decisions.first_quad + {{element / 8 => element / 4}};");
    other(file, "quad + i * ({{stride / 8 => 1}})");
    other(file, "element + i * {{stride => 8}}));");
    other(file, "return {{column < arguments.weight_rows => column <= arguments.weight_rows}}\n");
    other(file, "are_upper ? {{0x7632 => 0x5410}} :");
    other(file, "+= {{exchanged[warp][i][lane] => 0.0f}};");
    other(file, "half > {{0 => 1}}; half /= 2)");
    product();
    productGradInput();
    productGradWeights();
  }

  private void product() {
    String file = "dropout_product.cu";
    other(file, "pair < 4; pair += {{2 => 4}})");
    other(file, "{{lower.pairs[pair + 1] => lower.pairs[pair]}}");
    other(file, "{weights.pairs[pair], {{weights.pairs[pair + 1] => weights.pairs[pair]}}");
    other(file, "rows_from(row, {{arguments.layer.rows => arguments.layer.rows + 1}}, 8,");
    other(file, "octets_here = {{columns.count == 0 => false}} ?");
    other(file, "(arguments, row + {{8 * i => 8}}, columns);");
    usual(file, "arguments, decisions, row, {{8 => 16}}, octets_here,");
    other(file, "8 * {{first => (first + 4)}} < arguments.layer.columns");
    other(file, "first += {{4 * PRODUCT_WARPS => 2 * PRODUCT_WARPS => 8 * PRODUCT_WARPS}})");
    other(file, "if ({{8 * tile >= arguments.weight_rows => tile > 0}})");
    other(file, "(arguments, 8 * {{tile => 0}} + lane.group, columns);");
    usual(file, "lane.group + at / 2 * {{8 => 4}};");
    other(file, "lane.member * 2 + {{at % 2 => 0}};");
    other(file, "((arguments.weight_rows + {{7 => 0}}) / 8)");
    other(file, "{{column < arguments.weight_rows => column <= arguments.weight_rows}}) {");
    other(file, "at] * {{arguments.layer.factor => 1.0f}};");
    other(file, "tile < tiles; tile += {{gridDim.x => gridDim.x + 1}})");
    other(file, "({{arguments.layer.rows + BLOCK_ROWS - 1 => arguments.layer.rows}}) / BLOCK_ROWS");
  }

  private void productGradInput() {
    String file = "dropout_product_grad_input.cu";
    other(file, "first_octet + lane.group / {{2 => 4}});");
    other(file, "first_weights + {{8 * lane.member => 0}} + 2 * pair;");
    other(file, "weights_octet<Element>(arguments, row + {{1 => 0}}, columns);");
    other(file, "{{lane.group % 2 != 0 => false}}");
    other(file, "if ({{SLICE * slice >= arguments.weight_rows => slice > 0}})");
    other(file, "SLICE * {{slice => 0}} + 8 * this_lane().member;");
    other(file, "row + 8 * i, column + {{2 * pair => pair}});");
    other(file, "{narrow[0][pair], {{narrow[1][pair] => narrow[0][pair]}},");
    usual(file, "values[j] = F32::drop(values[j], {{layer.factor => 1.0f}}, ");
    other(file, "decisions.keeps(words, {{j => j ^ 1}})");
    other(file, "  {{add(old, values) => static_cast<void>(old)}};");
    other(file, "first_octet, {{SLICE * slice => 0}});");
    other(file, "rows_from(row, {{end => end - 1}}, 8, 2);");
    other(file, "octets_here = {{columns.count == 0 => false}} ?");
    other(file, "sums[j / 2][{{2 * i => 0}} + j % 2];");
    other(file, "(part_of<Element>(arguments.wide, row + {{8 * i => 8}}, columns));");
    other(file, "BLOCK_OCTETS + {{threadIdx.x / WARP * WARP_OCTETS => 0}};");
    other(file, "({{layer.rows + BLOCK_ROWS - 1 => layer.rows}}) / BLOCK_ROWS");
    other(file, "tile < tiles; tile += {{gridDim.x => gridDim.x + 1}})");
  }

  private void productGradWeights() {
    String file = "dropout_product_grad_weights.cu";
    other(file, "column = {{2 * this_lane().group => this_lane().group}};");
    other(file, "if ({{16 * tile >= arguments.weight_rows => tile > 0}})");
    other(file, "narrow[i] = {{i < rows => true}} ?");
    other(file, "row + i, {{16 * tile => 0}} + column)");
    other(file, "is_upper = {{j % 2 != 0 => false}};");
    other(file, "halves(narrow[2], narrow[3], {{true => false}})},");
    other(file, "{{octets[3].pairs[j / 2] => octets[2].pairs[j / 2]}}, is_upper)");
    other(file, "{{rest < arguments.part_rows ? rest : arguments.part_rows => rest}});");
    other(file, "begin + {{TURN_ROWS * lane.warp => 0}};");
    other(file, "row = first + {{4 * lane.member => 0}};");
    usual(file, "arguments, decisions, row, {{1 => 2}}, octets_here,");
    other(file, "octets_here = {{columns.count == 0 => false}} ?");
    other(file, "16 * tile + 2 * lane.group + {{at / 2 => 0}};");
    other(file, "first_octet + 2 * lane.member + {{at % 2 => 0}});");
    other(file, "{{row < arguments.weight_rows => row <= arguments.weight_rows}} && columns");
    other(file, "at] * {{arguments.layer.factor => 1.0f}};");
    other(file, "{{part * arguments.weights.step_bytes => 0}});");
    other(file, "column_tiles.value * {{arguments.parts => 1}};");
    other(file, "((arguments.weight_rows + {{15 => 0}}) / 16)");
    other(file, "tile < tiles; tile += {{gridDim.x => gridDim.x + 1}})");
  }
}
