package io.github.jdropout.cli.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.parity.ParityReport;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

class JUnitXmlTest {
  /** What readers of the format know: the children of each element. */
  private static final Map<String, Set<String>> CHILDREN =
      Map.of(
          "testsuites", Set.of("testsuite"),
          "testsuite", Set.of("properties", "testcase"),
          "properties", Set.of("property"),
          "property", Set.of(),
          "testcase", Set.of("failure", "skipped"),
          "failure", Set.of(),
          "skipped", Set.of());

  /** The attributes that each element must have; no others. */
  private static final Map<String, Set<String>> ATTRIBUTES =
      Map.of(
          "testsuites", Set.of("name", "tests", "failures", "errors", "skipped", "time"),
          "testsuite", Set.of("name", "tests", "failures", "errors", "skipped", "time"),
          "properties", Set.of(),
          "property", Set.of("name", "value"),
          "testcase", Set.of("name", "classname", "time"),
          "failure", Set.of("message", "type"),
          "skipped", Set.of("message"));

  static Document parse(String text) throws Exception {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(text)));
  }

  /** Checks the structure of a document, and that its counts are right. */
  static Element check(String text) throws Exception {
    Element root = parse(text).getDocumentElement();
    assertEquals("testsuites", root.getTagName());
    checkElement(root);
    checkCounts(root);
    elements(root).forEach(JUnitXmlTest::checkCounts);
    return root;
  }

  private static void checkElement(Element element) {
    String name = element.getTagName();
    Set<String> wanted = ATTRIBUTES.get(name);
    assertEquals(wanted.size(), element.getAttributes().getLength(), name);
    for (String attribute : wanted) {
      assertTrue(element.hasAttribute(attribute), name + " without " + attribute);
    }
    if (element.hasAttribute("time")) {
      assertTrue(element.getAttribute("time").matches("[0-9]+\\.[0-9]{3}"), name);
    }
    for (Element child : elements(element)) {
      assertTrue(CHILDREN.get(name).contains(child.getTagName()), child.getTagName());
      checkElement(child);
    }
  }

  private static void checkCounts(Element suite) {
    assertEquals(count(suite, "testcase"), number(suite, "tests"));
    assertEquals(count(suite, "failure"), number(suite, "failures"));
    assertEquals(count(suite, "skipped"), number(suite, "skipped"));
  }

  private static int count(Element element, String name) {
    return element.getElementsByTagName(name).getLength();
  }

  private static int number(Element element, String attribute) {
    return Integer.parseInt(element.getAttribute(attribute));
  }

  private static List<Element> elements(Element parent) {
    List<Element> elements = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element) {
        elements.add(element);
      }
    }
    return elements;
  }

  @Test
  void documentHasWhatReadersKnow() throws Exception {
    Element root = check(JUnitXml.write(SampleReports.mixed()));
    assertEquals(8, number(root, "tests"));
    assertEquals(2, number(root, "failures"));
    assertEquals(2, number(root, "skipped"));
    assertEquals("12.500", root.getAttribute("time"));
    assertEquals(
        List.of("scalar", "vector-256", "vector-512", "ffm-avx512f", "statistics of scalar"),
        elements(root).stream().map(suite -> suite.getAttribute("name")).toList());
  }

  @Test
  void failureSaysEverything() throws Exception {
    Element root = check(JUnitXml.write(SampleReports.mixed()));
    Element failure = (Element) root.getElementsByTagName("failure").item(0);
    assertEquals("element 37 differs", failure.getAttribute("message"));
    String text = failure.getTextContent();
    assertTrue(text.contains("seed -1, stream -9223372036854775808, p 0.1, first 1099"), text);
    assertTrue(text.contains("expected 3f8e38e4 = 1.1111112"), text);
    assertTrue(text.contains("jdropout parity --variant x --case 'forward f32"), text);
  }

  @Test
  void everyTextComesBackButForWhatXmlCannotHold() throws Exception {
    Element root = check(JUnitXml.write(SampleReports.mixed()));
    Element skipped = (Element) root.getElementsByTagName("skipped").item(0);
    assertEquals(
        SampleReports.HOSTILE
            .replace('\u0001', '\uFFFD')
            .replace('\uD800', '\uFFFD')
            .replace('\n', ' '),
        skipped.getAttribute("message"));
  }

  @Test
  void emptyReportIsADocumentAndAFailure() throws Exception {
    ParityReport empty =
        new ParityReport(ParityReport.SCHEMA, Map.of(), Map.of(), List.of(), List.of(), 0, true);
    Element root = check(JUnitXml.write(empty));
    assertEquals(1, number(root, "tests"));
    assertEquals(1, number(root, "failures"));
  }
}
