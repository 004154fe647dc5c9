export { conversation, inputOf, isChatting } from "./chatState.ts";
export {
  begin,
  type Conversation,
  clear,
  complete,
  drop,
  emptyConversation,
  messagesOf,
  type Turn,
} from "./conversation.ts";
