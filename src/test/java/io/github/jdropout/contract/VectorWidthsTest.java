package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
 * The build asks for three different widths.
 *
 * <p>A run of {@link VectorContractTest} sees its own width only: three runs at one width, or runs
 * that ask for none, would look the same to each of them.
 */
class VectorWidthsTest {
  private final Document pom;

  VectorWidthsTest() throws Exception {
    pom =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("pom.xml").toFile());
  }

  @Test
  void contractRunsAtEveryWidth() throws Exception {
    assertEquals(List.of("VectorContractTest"), texts("/project/properties/jdropout.test.widths"));
    assertEquals(
        List.of("128", "256", "512"),
        texts(
            "//plugin[artifactId='maven-surefire-plugin']/executions/execution[goals/goal='test']"
                + "/configuration[test='${jdropout.test.widths}']"
                + "/systemPropertyVariables/jdropout.vector.bits"));
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
