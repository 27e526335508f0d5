package io.github.jdropout.cli.report;

/**
 * A chart on a page.
 *
 * @param id within the page
 * @param title of the chart
 * @param caption that says how to read it
 * @param svg the drawing; empty if it could not be drawn
 * @param problem why not, in a line; empty if it could
 */
record Figure(String id, String title, String caption, String svg, String problem) {}
