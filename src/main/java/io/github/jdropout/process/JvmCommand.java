package io.github.jdropout.process;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The command line of a JVM like this one: its program, options, properties and class path. */
public final class JvmCommand {
  private static final String OWN_PROPERTIES = "jdropout.";

  private JvmCommand() {}

  /**
   * Returns the command that runs another main class.
   *
   * @param options of that JVM besides, which come after this one's and so win
   * @param mainClass on this JVM's class path
   * @return a list that may be changed; arguments of the main class go to its end
   */
  public static List<String> of(List<String> options, Class<?> mainClass) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // A debugger's port is taken by this JVM.
      if (!option.startsWith("-agentlib:jdwp") && !option.startsWith("-Xrunjdwp")) {
        command.add(option);
      }
    }
    // Those that were set after the start are no arguments.
    for (String name : new TreeSet<>(System.getProperties().stringPropertyNames())) {
      if (name.startsWith(OWN_PROPERTIES)) {
        command.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass.getName()));
    return command;
  }
}
