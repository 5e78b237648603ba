import { createBrowserRouter, Navigate } from "react-router";
import { base } from "./base";
import { Layout } from "./layout/Layout";
import { Failure } from "./pages/Failure";
import { Guide } from "./pages/Guide";
import { Home } from "./pages/Home";
import { Peak } from "./pages/Peak";

export const router = createBrowserRouter(
  [
    {
      element: <Layout />,
      errorElement: <Failure />,
      children: [
        { index: true, element: <Home /> },
        // A plain file server opens the page under its file's name, some without the ending.
        { path: "index.html", element: <Navigate to="/" replace /> },
        { path: "index", element: <Navigate to="/" replace /> },
        { path: "peaks/:slug", element: <Peak /> },
        { path: "guide", element: <Guide /> },
        {
          path: "compare",
          lazy: async () => ({ Component: (await import("./pages/Compare")).Compare }),
        },
      ],
    },
  ],
  { basename: base },
);
