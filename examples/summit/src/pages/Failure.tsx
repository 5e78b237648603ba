import { isRouteErrorResponse, useRouteError } from "react-router";
import { base } from "../base";

/** What stands in the place of a page that failed, or that does not exist. */
export function Failure() {
  const error = useRouteError();
  const text = isRouteErrorResponse(error) ? `${error.status}: there is no such page` : String(error);
  return (
    <main style={{ padding: "4rem 2rem", textAlign: "center" }}>
      <h1>Lost the path</h1>
      <p>{text}</p>
      <a href={base}>Back to the valley</a>
    </main>
  );
}
