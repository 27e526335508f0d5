package io.github.jdropout.cli.parity;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.jdropout.parity.ParityReport;

/** What a variant's JVM tells the one that started it, a line of JSON each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Event.Unavailable.class, name = "unavailable"),
  @JsonSubTypes.Type(value = Event.Started.class, name = "started"),
  @JsonSubTypes.Type(value = Event.Progress.class, name = "progress"),
  @JsonSubTypes.Type(value = Event.Finished.class, name = "finished"),
  @JsonSubTypes.Type(value = Event.Tested.class, name = "tested"),
  @JsonSubTypes.Type(value = Event.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = Event.Ended.class, name = "ended")
})
sealed interface Event {
  /** The variant cannot run here. */
  record Unavailable(String reason) implements Event {}

  /**
   * The variant can run.
   *
   * @param description what it computes with
   */
  record Started(String description) implements Event {}

  /**
   * Work goes on.
   *
   * @param part of the job that is done, in [0, 1]
   * @param doing what is done now
   */
  record Progress(double part, String doing) implements Event {}

  /** A cell is complete. */
  record Finished(ParityReport.Cell cell) implements Event {}

  /** A statistical test is complete. */
  record Tested(ParityReport.StatisticalTest test) implements Event {}

  /**
   * The job failed as a whole.
   *
   * @param reason what a user should read
   * @param doing what was done then
   */
  record Failed(String reason, String doing) implements Event {}

  /** All is done; the JVM ends now. */
  record Ended() implements Event {}
}
