import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonCloudEventData;
import io.cloudevents.jackson.JsonFormat;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.Base64;

/**
 * Sends the events of a file with the Java SDK for CloudEvents: Send URL MODE PREFIX FILE, token in TOKEN. Prints a line
 * {"case", "status"} or {"case", "error"} for each. Decides nothing about what is right.
 */
public final class Send {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Send() {}

    public static void main(String[] arguments) throws IOException {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (JsonNode given : JSON.readTree(Path.of(arguments[3]).toFile())) {
            ObjectNode line = JSON.createObjectNode().put("case", given.get("case").asText());
            try {
                HttpRequest request = request(URI.create(arguments[0]), arguments[1], build(arguments[2], given));
                HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
                line.put("status", answer.statusCode()).put("said", answer.body());
            } catch (Exception error) {
                line.put("error", error.toString());
            }
            System.out.println(line);
        }
    }

    private static HttpRequest request(URI url, String mode, CloudEvent event) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url).header("Authorization", "Bearer " + System.getenv("TOKEN"));
        var writer = HttpMessageFactory.createWriter(
            (name, value) -> request.header(name, value),
            body -> request.POST(body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body)));
        if (mode.equals("binary")) {
            writer.writeBinary(event);
        } else {
            writer.writeStructured(event, JsonFormat.CONTENT_TYPE);
        }
        return request.build();
    }

    private static CloudEvent build(String prefix, JsonNode given) throws IOException {
        CloudEventBuilder event = CloudEventBuilder.v1().withId(prefix + given.get("id").asText());
        for (var attribute : given.get("attributes").properties()) {
            String value = attribute.getValue().asText();
            switch (attribute.getKey()) {
                case "source" -> event.withSource(URI.create(value));
                case "type" -> event.withType(value);
                case "subject" -> event.withSubject(value);
                case "dataschema" -> event.withDataSchema(URI.create(value));
                case "datacontenttype" -> event.withDataContentType(value);
                case "time" -> event.withTime(OffsetDateTime.parse(value));
                default -> throw new IllegalArgumentException(attribute.getKey());
            }
        }
        if (given.has("extensions")) {
            for (var extension : given.get("extensions").properties()) {
                extend(event, extension.getKey(), extension.getValue());
            }
        }
        if (given.has("data")) {
            JsonNode data = given.get("data");
            if (data.has("json")) {
                event.withData(JsonCloudEventData.wrap(JSON.readTree(data.get("json").asText())));
            } else if (data.has("text")) {
                event.withData(data.get("text").asText().getBytes(StandardCharsets.UTF_8));
            } else {
                event.withData(Base64.getDecoder().decode(data.get("base64").asText()));
            }
        }
        return event.build();
    }

    /** Gives an extension the type that the SDK has for it. */
    private static void extend(CloudEventBuilder event, String name, JsonNode typed) throws IOException {
        JsonNode value = typed.get("value");
        switch (typed.get("type").asText()) {
            case "integer" -> event.withExtension(name, value.asInt());
            case "boolean" -> event.withExtension(name, value.asBoolean());
            case "uri", "urireference" -> event.withExtension(name, URI.create(value.asText()));
            case "timestamp" -> event.withExtension(name, OffsetDateTime.parse(value.asText()));
            case "binary" -> event.withExtension(name, value.binaryValue());
            default -> event.withExtension(name, value.asText());
        }
    }
}
