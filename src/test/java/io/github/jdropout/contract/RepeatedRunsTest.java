package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/**
 * The build asks for three different vector widths and all instruction sets of the native library.
 *
 * <p>A run of {@link VectorContractTest} sees its own width only: three runs at one width, or runs
 * that ask for none, would look the same to each of them. So it is with {@link FfmContractTest} and
 * {@link CudaContractTest}.
 */
class RepeatedRunsTest {
  private final Document pom;

  RepeatedRunsTest() throws Exception {
    pom =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("pom.xml").toFile());
  }

  @Test
  void contractRunsAtEveryWidth() throws Exception {
    assertEquals(
        List.of("VectorContractTest,VectorEpilogueTest"),
        texts("/project/properties/jdropout.test.widths"));
    assertEquals(
        List.of("128", "256", "512"),
        texts(
            "//plugin[artifactId='maven-surefire-plugin']/executions/execution[goals/goal='test']"
                + "/configuration[test='${jdropout.test.widths}']"
                + "/systemPropertyVariables/jdropout.vector.bits"));
  }

  @Test
  void contractRunsWithEveryInstructionSet() throws Exception {
    assertEquals(
        List.of("FfmContractTest,FfmEpilogueTest"),
        texts("/project/properties/jdropout.test.isas"));
    assertEquals(
        List.of("portable", "avx2", "avx512f", "avx512bw"),
        texts(
            "//plugin[artifactId='maven-surefire-plugin']/executions/execution[goals/goal='test']"
                + "/configuration[test='${jdropout.test.isas}']"
                + "/environmentVariables/JDROPOUT_MAX_ISA"));
  }

  @Test
  void contractRunsOnTheHostWithEveryBindingAndSeveralLaunches() throws Exception {
    String runs =
        "//plugin[artifactId='maven-surefire-plugin']/executions/execution[goals/goal='test']"
            + "/configuration[test='${jdropout.test.cuda},${jdropout.test.cublas}']"
            + "/systemPropertyVariables"
            + "[jdropout.cuda.library='${jdropout.test.cuda.library}']";
    assertEquals(List.of("ffm", "ffm", "jcuda"), texts(runs + "/jdropout.cuda.binding"));
    assertEquals(List.of("256", "32x1", "96x3"), texts(runs + "/jdropout.cuda.launch"));
    assertEquals(List.of("65536", "1048576", "8192"), texts(runs + "/jdropout.cuda.stagingBytes"));
    assertEquals(List.of("ffm", "ffm", "jcublas"), texts(runs + "/jdropout.cublas.binding"));
    assertTrue(
        texts("/project/properties/jdropout.test.cuda")
            .getFirst()
            .startsWith("CudaContractTest,DeviceFuzzTest"));
  }

  private List<String> texts(String path) throws Exception {
    NodeList nodes =
        (NodeList)
            XPathFactory.newInstance().newXPath().evaluate(path, pom, XPathConstants.NODESET);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }
}
