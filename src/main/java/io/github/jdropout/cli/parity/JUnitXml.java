package io.github.jdropout.cli.parity;

import io.github.jdropout.parity.ParityReport;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.ParityReport.StatisticalTest;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A report as JUnit XML, which CI servers show: a suite for each implementation. */
public final class JUnitXml {
  private static final String NAME = "jdropout parity";

  private final XMLStreamWriter xml;

  private JUnitXml(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /**
   * A test as the format has it.
   *
   * @param message why it failed or was skipped; empty if it passed
   * @param text all that is known; may be empty
   */
  private record Test(String name, Outcome outcome, double seconds, String message, String text) {}

  /** Returns the document. */
  public static String write(ParityReport report) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      new JUnitXml(xml).writeReport(report);
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a report must become XML", e);
    }
    return text.append('\n').toString();
  }

  private void writeReport(ParityReport report) throws XMLStreamException {
    Map<String, List<Test>> suites = new LinkedHashMap<>();
    for (Cell cell : report.cells()) {
      suites.computeIfAbsent(cell.implementation(), _ -> new ArrayList<>()).add(test(cell));
    }
    for (StatisticalTest test : report.statistics()) {
      suites
          .computeIfAbsent("statistics of " + test.implementation(), _ -> new ArrayList<>())
          .add(test(test));
    }
    NothingRan.reason(report)
        .ifPresent(reason ->
            suites.put(
                NAME, List.of(new Test("something runs", Outcome.FAILED, 0, reason, reason))));
    xml.writeStartDocument("UTF-8", "1.0");
    line(0);
    xml.writeStartElement("testsuites");
    attribute("name", NAME);
    counts(suites.values().stream().flatMap(List::stream).toList(), report.seconds());
    for (Map.Entry<String, List<Test>> suite : suites.entrySet()) {
      writeSuite(suite.getKey(), suite.getValue(), report);
    }
    line(0);
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void writeSuite(String name, List<Test> tests, ParityReport report)
      throws XMLStreamException {
    line(1);
    xml.writeStartElement("testsuite");
    attribute("name", name);
    counts(tests, tests.stream().mapToDouble(Test::seconds).sum());
    writeProperties(report);
    for (Test test : tests) {
      writeTest(name, test);
    }
    line(1);
    xml.writeEndElement();
  }

  private void writeProperties(ParityReport report) throws XMLStreamException {
    Map<String, String> properties = new LinkedHashMap<>(report.run());
    properties.putAll(report.machine());
    properties.put("complete", Boolean.toString(report.isComplete()));
    line(2);
    xml.writeStartElement("properties");
    for (Map.Entry<String, String> property : properties.entrySet()) {
      line(3);
      xml.writeEmptyElement("property");
      attribute("name", property.getKey());
      attribute("value", property.getValue());
    }
    line(2);
    xml.writeEndElement();
  }

  private void writeTest(String suite, Test test) throws XMLStreamException {
    line(2);
    xml.writeStartElement("testcase");
    attribute("name", test.name());
    attribute("classname", "parity." + suite);
    attribute("time", seconds(test.seconds()));
    switch (test.outcome()) {
      case PASSED -> {}
      case SKIPPED -> {
        line(3);
        xml.writeEmptyElement("skipped");
        attribute("message", test.message());
        line(2);
      }
      case FAILED -> {
        line(3);
        xml.writeStartElement("failure");
        attribute("message", test.message());
        attribute("type", "difference");
        xml.writeCharacters(legal(test.text()));
        xml.writeEndElement();
        line(2);
      }
    }
    xml.writeEndElement();
  }

  private void counts(List<Test> tests, double seconds) throws XMLStreamException {
    attribute("tests", Integer.toString(tests.size()));
    attribute("failures", count(tests, Outcome.FAILED));
    attribute("errors", "0");
    attribute("skipped", count(tests, Outcome.SKIPPED));
    attribute("time", seconds(seconds));
  }

  private static String count(List<Test> tests, Outcome outcome) {
    return Long.toString(tests.stream().filter(test -> test.outcome() == outcome).count());
  }

  private static Test test(Cell cell) {
    String name = (cell.operation() + " " + cell.type()).strip();
    return new Test(
        name.isEmpty() ? "all" : name,
        cell.outcome(),
        cell.seconds(),
        cell.reason(),
        String.join("\n", Difference.lines(cell)));
  }

  private static Test test(StatisticalTest test) {
    String message =
        "p-value " + test.pValue() + (test.passed() ? "" : " is below " + test.threshold());
    return new Test(
        test.name() + ", p = " + test.p(),
        test.passed() ? Outcome.PASSED : Outcome.FAILED,
        0,
        message,
        message + ", the smallest of " + test.comparisons());
  }

  private void attribute(String name, String value) throws XMLStreamException {
    xml.writeAttribute(name, legal(value));
  }

  private void line(int depth) throws XMLStreamException {
    xml.writeCharacters("\n" + "  ".repeat(depth));
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.3f", seconds);
  }

  /** XML 1.0 has no way to write some characters at all. */
  private static String legal(String text) {
    StringBuilder kept = new StringBuilder();
    text.codePoints().map(c -> isLegal(c) ? c : 0xFFFD).forEach(kept::appendCodePoint);
    return kept.toString();
  }

  private static boolean isLegal(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }
}
