import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.sql.EvaluationException;
import io.cloudevents.sql.EvaluationRuntime;
import io.cloudevents.sql.Expression;
import io.cloudevents.sql.ParseException;
import io.cloudevents.sql.Parser;
import io.cloudevents.sql.Result;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * CloudEvents SQL as the Java SDK evaluates it: every expression of a file, one a line, over every event of a JSON list, as
 * lines {"expression", "event", "value", "errors"} in that order. An expression that is none has the error "parse" and no event.
 */
public final class Evaluate {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Evaluate() {
    }

    private static ObjectNode line(String expression, List<String> errors) {
        ObjectNode line = JSON.createObjectNode().put("expression", expression);
        errors.forEach(line.putArray("errors")::add);
        return line;
    }

    private static String kind(EvaluationException error) {
        return error.getKind().name();
    }

    public static void main(String[] arguments) throws Exception {
        List<CloudEvent> events = new ArrayList<>();
        JsonFormat format = new JsonFormat();
        for (JsonNode event : JSON.readTree(Path.of(arguments[1]).toFile())) {
            events.add(format.deserialize(JSON.writeValueAsBytes(event)));
        }
        StringBuilder out = new StringBuilder();
        for (String text : Files.readAllLines(Path.of(arguments[0]), StandardCharsets.UTF_8)) {
            Expression expression;
            try {
                expression = Parser.parseDefault(text);
            } catch (ParseException | NullPointerException error) {
                // For a missing token the SDK fails while it builds its error message.
                out.append(line(text, List.of("parse"))).append('\n');
                continue;
            }
            for (CloudEvent event : events) {
                ObjectNode line;
                try {
                    Result result = expression.evaluate(EvaluationRuntime.getDefault(), event);
                    line = line(text, result.causes().stream().map(Evaluate::kind).toList());
                    line.set("value", JSON.valueToTree(result.value()));
                } catch (RuntimeException error) {
                    line = line(text, List.of(error.getClass().getSimpleName()));
                }
                out.append(line.put("event", event.getId())).append('\n');
            }
        }
        new PrintStream(System.out, true, StandardCharsets.UTF_8).print(out);
    }
}
