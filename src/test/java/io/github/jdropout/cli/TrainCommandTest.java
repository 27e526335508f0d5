package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  @TempDir private static Path folder;

  private static CliRun train(String out, String... more) {
    Stream<String> small =
        Stream.of(
            "train",
            "--hidden=24,16",
            "--epochs=3",
            "--train-size=100",
            "--samples=4",
            "--out=" + folder.resolve(out));
    return CliRun.of(Stream.concat(small, Stream.of(more)).toArray(String[]::new));
  }

  private static JsonNode json(CliRun run) throws IOException {
    assertEquals(0, run.exitCode(), run.err());
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void sameSeedGivesTheSameRunBitForBit() throws IOException {
    JsonNode first = json(train("a", "--json", "--seeds=1", "--seed=5"));
    JsonNode again = json(train("b", "--json", "--seeds=1", "--seed=5"));
    JsonNode other = json(train("c", "--json", "--seeds=1", "--seed=6"));
    // Through the shortest decimal that tells doubles apart: equal text is equal bits.
    assertEquals(losses(first), losses(again));
    assertEquals(first.get("uncertain"), again.get("uncertain"));
    assertNotEquals(losses(first), losses(other));
  }

  private static List<String> losses(JsonNode results) {
    List<String> losses = new ArrayList<>();
    for (JsonNode run : results.get("runs")) {
      losses.add(run.get("variant") + " " + run.get("points"));
    }
    return losses;
  }

  @Test
  void jsonHasEveryRunAndTheFilesAreThere() throws IOException {
    CliRun run = train("d", "--json", "--seeds=2", "--seed=0x10", "--backend=scalar");
    JsonNode root = json(run);
    assertEquals(6, root.get("runs").size());
    assertEquals(List.of(16, 16, 16, 17, 17, 17), values(root.get("runs"), "seed"));
    assertEquals(3, root.at("/runs/0/epochMillis").size());
    assertEquals(3, root.at("/runs/0/points/2/epoch").intValue());
    assertTrue(root.get("backend").textValue().startsWith("scalar: selected"));
    assertEquals(4, root.get("verdict").size());
    assertEquals(0, root.get("problems").size());
    assertEquals(10, root.at("/uncertain/0/mean").size());
    double sum = 0;
    for (JsonNode probability : root.at("/uncertain/0/mean")) {
      sum += probability.doubleValue();
    }
    assertEquals(1, sum, 1e-5); // The network's probabilities are floats.
    assertTrue(root.at("/uncertain/0/sd/0").doubleValue() > 0, "every pass has its own mask");
    assertEquals(3, root.get("files").size());
    for (JsonNode file : root.get("files")) {
      Path path = Path.of(file.textValue());
      assertTrue(path.toFile().length() > 1000, path.toString());
      if (path.toString().endsWith(".png")) {
        BufferedImage image = ImageIO.read(path.toFile());
        assertTrue(image.getWidth() > 1000 && image.getHeight() > 500, path.toString());
      }
    }
  }

  private static List<Integer> values(JsonNode array, String name) {
    List<Integer> values = new ArrayList<>();
    array.forEach(entry -> values.add(entry.get(name).intValue()));
    return values;
  }

  @Test
  void textHasTableVerdictAndFiles() {
    CliRun run = train("e", "--seeds=2");
    assertEquals(0, run.exitCode(), run.err());
    for (String part :
        List.of(
            "After epoch 3, 2 seeds",
            "\nno dropout ",
            "\nDL4J dropout ",
            "\nJDropout ",
            "\nbackend ",
            "\nvalidation accuracy, JDropout against no dropout: ",
            "\nwrote " + folder.resolve("e").resolve("curves.png"),
            "\nwrote " + folder.resolve("e").resolve("uncertain-digits.png"),
            "\nwrote " + folder.resolve("e").resolve("results.json"))) {
      assertTrue(run.out().contains(part), part + " in\n" + run.out());
    }
    assertTrue(run.err().contains("warming up"), run.err());
  }

  @Test
  void badInputIsOneLine() {
    Path out = folder.resolve("never");
    MainTest.assertBadInput(
        "jdropout: p must be in [0, 1) to train but is 1.0", "train", "-p1", "--out=" + out);
    MainTest.assertBadInput(
        "jdropout: hidden must be in [1, 65536] but is 0", "train", "--hidden=8,0", "--out=" + out);
    MainTest.assertBadInput(
        "jdropout: train-size must be in [1, 1796] but is 1797",
        "train",
        "--train-size=1797",
        "--out=" + out);
    MainTest.assertBadInput(
        "jdropout: seeds must be in [1, 1000] but is 0", "train", "--seeds=0", "--out=" + out);
    assertTrue(!out.toFile().exists());
  }
}
