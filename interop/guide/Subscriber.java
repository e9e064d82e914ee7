import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** Receives events of the gateway: java -cp 'lib/*' Subscriber.java PORT ORIGIN TOKEN */
public final class Subscriber {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_BYTES = 1024 * 1024;
    private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

    private final String origin;
    private final String token;
    /** Use a table with a unique key on (source, id). */
    private final Set<List<String>> seen = ConcurrentHashMap.newKeySet();

    private Subscriber(String origin, String token) {
        this.origin = origin;
        this.token = token;
    }

    public static void main(String[] arguments) throws IOException {
        Subscriber subscriber = new Subscriber(arguments[1], arguments[2]);
        int port = Integer.parseInt(arguments[0]);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.createContext("/", subscriber::handle);
        server.start();
    }

    /** Store the event, then return. Do what takes long afterwards. */
    private void process(JsonNode event) {
        // An event may be delivered more than once.
        if (seen.add(List.of(event.get("source").textValue(), event.get("id").textValue()))) {
            System.out.println(event.get("type").textValue() + " " + event.get("id").textValue());
        }
    }

    /** The answer to the handshake: only the gateway you expect may send. */
    private void consent(String asking, Headers answer) {
        answer.set("Allow", "POST, OPTIONS");
        if (origin.equals(asking)) {
            answer.set("WebHook-Allowed-Origin", origin);
            answer.set("WebHook-Allowed-Rate", "6000");
        }
    }

    /** The status for a delivery. */
    private int receive(Headers headers, byte[] body) {
        byte[] given = first(headers, "Authorization").getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(given, ("Bearer " + token).getBytes(StandardCharsets.UTF_8))) {
            return 401;
        }
        try {
            List<JsonNode> events = new ArrayList<>();
            switch (first(headers, "Content-Type").split(";")[0].strip().toLowerCase()) {
                case "application/cloudevents+json" -> events.add(JSON.readTree(body));
                case "application/cloudevents-batch+json" -> JSON.readTree(body).forEach(events::add);
                default -> {
                    if (first(headers, "ce-specversion").isEmpty()) {
                        return 415;
                    }
                    events.add(binary(headers, body));
                }
            }
            for (JsonNode event : events) {
                if (!REQUIRED.stream().allMatch(name -> event.path(name).isTextual() && !event.path(name).textValue().isEmpty())) {
                    return 400;
                }
            }
            events.forEach(this::process);
            return 204;
        } catch (JsonProcessingException error) {
            return 400;
        } catch (IOException | RuntimeException error) {
            return 500;
        }
    }

    /** An event in binary mode: its attributes are headers. */
    private static JsonNode binary(Headers headers, byte[] body) {
        ObjectNode event = JSON.createObjectNode();
        headers.forEach((name, values) -> {
            if (name.toLowerCase().startsWith("ce-")) {
                String value = values.get(0).replace("+", "%2B");
                event.put(name.substring(3).toLowerCase(), URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        });
        return event.put("datacontenttype", first(headers, "Content-Type")).put("data", body);
    }

    private static String first(Headers headers, String name) {
        return Optional.ofNullable(headers.getFirst(name)).orElse("");
    }

    private void handle(HttpExchange exchange) throws IOException {
        int status = 200;
        if (exchange.getRequestMethod().equals("OPTIONS")) {
            consent(exchange.getRequestHeaders().getFirst("WebHook-Request-Origin"), exchange.getResponseHeaders());
        } else if (exchange.getRequestMethod().equals("POST")) {
            byte[] body = exchange.getRequestBody().readNBytes(MAX_BYTES + 1);
            status = body.length > MAX_BYTES ? 413 : receive(exchange.getRequestHeaders(), body);
        } else {
            status = 405;
        }
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }
}
