package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The scripts that start the command line, with a java that prints what it is given. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launchers are shell scripts")
class LauncherTest {
  private static final String PRINTING = "#!/bin/sh\nprintf '%s\\n' \"$@\"\n";

  @TempDir private Path folder;

  private Path script(String name, String text) throws IOException {
    Path script = folder.resolve(name);
    Files.createDirectories(script.getParent());
    Files.writeString(script, text);
    assertTrue(script.toFile().setExecutable(true));
    return script;
  }

  private String classPath(Path launcher, String more) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(launcher.toString(), "info");
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    builder.environment().put("JDROPOUT_CLASSPATH", more);
    builder.environment().remove("JDROPOUT_JAVA_OPTS");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    List<String> words = output.lines().toList();
    assertEquals(
        List.of("io.github.jdropout.cli.Main", "info"),
        words.subList(words.size() - 2, words.size()));
    return words.get(words.indexOf("-cp") + 1);
  }

  @Test
  void launcherOfACheckoutTakesMoreClasses() throws Exception {
    script("jdk/bin/java", PRINTING);
    script("jdk/bin/javac", PRINTING);
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
    Path classes = folder.toRealPath().resolve("target/classes");
    Files.createDirectories(classes.resolve("io/github/jdropout/cli"));
    Files.createFile(classes.resolve("io/github/jdropout/cli/Main.class"));
    for (String source : List.of("src/main", "bench/src", "native")) {
      Files.createDirectories(folder.resolve(source));
    }
    Files.createFile(folder.resolve("pom.xml"));
    Files.writeString(folder.resolve("target/classpath.txt"), "a.jar:b.jar");
    Path launcher = script("jdropout", Files.readString(Path.of("jdropout")));
    assertEquals(classes + ":a.jar:b.jar", classPath(launcher, ""));
    assertEquals(
        classes + ":a.jar:b.jar:my classes:c.jar", classPath(launcher, "my classes:c.jar"));
  }

  @Test
  void launcherOfTheBundleTakesMoreClasses() throws Exception {
    script("runtime/bin/java", PRINTING);
    Files.writeString(folder.resolve("REVISION"), "x");
    String bundle = Files.readString(Path.of("bench/bundle.sh"));
    String start = "<<'LAUNCHER'\n";
    int from = bundle.indexOf(start) + start.length();
    Path launcher = script("jdropout", bundle.substring(from, bundle.indexOf("\nLAUNCHER", from)));
    String jars = folder.toRealPath() + "/lib/*";
    assertEquals(jars, classPath(launcher, ""));
    assertEquals(jars + ":my classes", classPath(launcher, "my classes"));
  }
}
