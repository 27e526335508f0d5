package io.github.jdropout.backend.ffm;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The prototypes and constants of the C header, read from its text. */
final class CHeader {
  private static final Pattern PROTOTYPE =
      Pattern.compile("JDROPOUT_API\\s+([^;(]+?)(\\w+)\\(([^)]*)\\);");
  private static final Pattern CONSTANT = Pattern.compile("#define (JDROPOUT_\\w+) (\\d+)u?\\b");

  final Map<String, FunctionDescriptor> functions = new LinkedHashMap<>();
  final Map<String, Integer> constants = new LinkedHashMap<>();

  CHeader() throws IOException {
    String text =
        Files.readString(Path.of("native/include/jdropout.h")).replaceAll("(?s)/\\*.*?\\*/", "");
    for (Matcher matcher = PROTOTYPE.matcher(text); matcher.find(); ) {
      functions.put(matcher.group(2), descriptor(matcher.group(1), matcher.group(3)));
    }
    for (Matcher matcher = CONSTANT.matcher(text); matcher.find(); ) {
      constants.put(matcher.group(1), Integer.valueOf(matcher.group(2)));
    }
  }

  private static FunctionDescriptor descriptor(String result, String parameters) {
    if (parameters.strip().equals("void")) {
      return FunctionDescriptor.of(layout(result));
    }
    MemoryLayout[] layouts =
        Pattern.compile(",")
            .splitAsStream(parameters)
            // The type is what stands before the name.
            .map(parameter -> layout(parameter.strip().replaceFirst("\\w+$", "")))
            .toArray(MemoryLayout[]::new);
    return FunctionDescriptor.of(layout(result), layouts);
  }

  private static MemoryLayout layout(String type) {
    return switch (type.strip()) {
      case "double" -> ValueLayout.JAVA_DOUBLE;
      case "float" -> ValueLayout.JAVA_FLOAT;
      case "int32_t", "uint32_t", "jdropout_status" -> ValueLayout.JAVA_INT;
      case "uint64_t" -> ValueLayout.JAVA_LONG;
      case "const void *", "void *", "const char *" -> ValueLayout.ADDRESS;
      default -> throw new IllegalArgumentException("unknown C type: " + type);
    };
  }
}
