package io.github.jdropout.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Chromium without a window, driven by its DevTools protocol. */
final class HeadlessBrowser implements AutoCloseable {
  private static final String PROPERTY = "jdropout.test.browser";
  private static final List<String> NAMES =
      List.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome");
  private static final Pattern LISTENING = Pattern.compile("ws://([^/]+)/");
  private static final int SECONDS = 60;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Process process;
  private final WebSocket socket;
  private final Listener listener = new Listener();
  private int lastId;

  /** How a page was asked for. */
  record Screen(int width, boolean isDark) {}

  private HeadlessBrowser(Path executable, Path profile) throws IOException, InterruptedException {
    process =
        new ProcessBuilder(
                executable.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      String list = "http://" + address() + "/json/list";
      HttpResponse<String> pages =
          client.send(
              HttpRequest.newBuilder(URI.create(list)).build(),
              HttpResponse.BodyHandlers.ofString());
      URI page =
          URI.create(MAPPER.readTree(pages.body()).path(0).path("webSocketDebuggerUrl").asText());
      // Not of the client above, which waits for its web sockets when it is closed.
      socket = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(page, listener).join();
    }
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      send(domain + ".enable", Map.of());
    }
  }

  /** Returns the browser of the property, else the first on the path. */
  static Optional<Path> find() {
    String forced = System.getProperty(PROPERTY);
    if (forced != null) {
      return Optional.of(Path.of(forced));
    }
    return NAMES.stream()
        .flatMap(name ->
            Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static HeadlessBrowser start(Path executable, Path profile)
      throws IOException, InterruptedException {
    return new HeadlessBrowser(executable, profile);
  }

  private String address() throws IOException {
    BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
    for (String line = err.readLine(); line != null; line = err.readLine()) {
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        // What it says later must not fill the pipe.
        Thread.ofVirtual().start(() -> drain(err));
        return listening.group(1);
      }
    }
    throw new IOException("the browser ended with status " + process.exitValue());
  }

  private static void drain(Reader reader) {
    try {
      reader.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      // The browser was ended.
    }
  }

  /** Loads a page, forgetting what an earlier one said and asked for. */
  void open(Path html, Screen screen) throws IOException {
    send(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width",
            screen.width(),
            "height",
            900,
            "deviceScaleFactor",
            1,
            "mobile",
            screen.width() < 600));
    send(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of(
                    "name", "prefers-color-scheme", "value", screen.isDark() ? "dark" : "light"))));
    listener.complaints.clear();
    listener.requests.clear();
    listener.loaded = new CompletableFuture<>();
    send("Page.navigate", Map.of("url", html.toUri().toString()));
    listener.loaded.orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }

  /** Returns what a script comes to, as JSON. */
  JsonNode evaluate(String script) throws IOException {
    JsonNode result = send("Runtime.evaluate", Map.of("expression", script, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new AssertionError(script + ": " + result.path("exceptionDetails"));
    }
    return result.path("result").path("value");
  }

  /** Saves the page in its whole height. */
  void capture(Path png) throws IOException {
    JsonNode picture =
        send("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    Files.write(png, Base64.getDecoder().decode(picture.path("data").asText()));
  }

  /** Returns errors and warnings since the page was opened. */
  List<String> complaints() {
    return List.copyOf(listener.complaints);
  }

  /** Returns addresses that were asked for since the page was opened. */
  List<String> requests() {
    return List.copyOf(listener.requests);
  }

  private JsonNode send(String method, Map<String, ?> parameters) throws IOException {
    int id = ++lastId;
    ObjectNode message = MAPPER.createObjectNode().put("id", id).put("method", method);
    message.set("params", MAPPER.valueToTree(parameters));
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    listener.answers.put(id, answer);
    socket.sendText(MAPPER.writeValueAsString(message), true).join();
    JsonNode received = answer.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    if (received.has("error")) {
      throw new IOException(method + ": " + received.path("error"));
    }
    return received.path("result");
  }

  @Override
  public void close() {
    socket.abort();
    // What is on the path may be a script that starts the browser.
    List<ProcessHandle> started = process.descendants().toList();
    process.destroy();
    started.forEach(ProcessHandle::destroy);
    process.onExit().completeOnTimeout(process, 5, TimeUnit.SECONDS).join();
    process.destroyForcibly();
    started.forEach(ProcessHandle::destroyForcibly);
  }

  private static final class Listener implements WebSocket.Listener {
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final StringBuilder parts = new StringBuilder();
    private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

    @Override
    public CompletionStage<?> onText(WebSocket source, CharSequence data, boolean isLast) {
      parts.append(data);
      if (isLast) {
        String text = parts.toString();
        parts.setLength(0);
        try {
          receive(MAPPER.readTree(text));
        } catch (IOException e) {
          complaints.add("not JSON: " + text);
        }
      }
      source.request(1);
      return null;
    }

    private void receive(JsonNode message) {
      JsonNode params = message.path("params");
      switch (message.path("method").asText()) {
        case "" -> answers.remove(message.path("id").asInt()).complete(message);
        case "Page.loadEventFired" -> loaded.complete(null);
        case "Network.requestWillBeSent" ->
            requests.add(params.path("request").path("url").asText());
        case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" ->
            complaints.add(params.toString());
        default -> {
          // Events of no interest here.
        }
      }
    }
  }
}
