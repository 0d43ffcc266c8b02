import "./styles/tokens.css";
import "./styles/base.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Problem } from "./api/client";
import { App } from "./app";
import { Boundary } from "./parts/boundary";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // What the server refused it will refuse again; what it could not answer may pass.
      retry: (failures, failure) =>
        failures < 2 && !(failure instanceof Problem && failure.status >= 400 && failure.status < 500),
      retryDelay: (attempt) => 400 * 2 ** attempt,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <Boundary what="The console"><App /></Boundary>
      </QueryClientProvider>
    </StrictMode>,
  );
}
